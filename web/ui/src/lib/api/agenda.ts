/** Appointments and the agenda's rules: one function a route. */
import type { AgendaRulesEdit, BookingEdit, CalendarAccountEdit, ConsentWanted, NoticeEdit, SlotWanted } from './contract';
import { call } from './routes';

export type {
  AccountTrial,
  AgendaRulesEdit,
  AgendaView,
  AppointmentView,
  CalendarAccountEdit,
  CalendarAccountView,
  CalendarNameView,
  ConsentWanted,
  NoticeEdit,
  PersonEdit,
  PractitionerView,
  SlotOffer,
  SlotView,
  StuckAppointment,
  VisitTypeView,
} from './contract';

export type ConsentProvider = ConsentWanted['provider'];

export interface Sought {
  visit_id: string;
  practitioner_id: string | null;
  when: string | null;
  limit: number;
}

const client = (id: string) => ({ path: { client_id: id } });
const one = (id: string, appointment: string) => ({
  path: { client_id: id, appointment_id: appointment },
});
const account = (id: string, of: string) => ({ path: { client_id: id, account_id: of } });

export const agendas = {
  of: (id: string) => call('GET', '/api/clients/{client_id}/agenda', client(id)),
  save: (id: string, body: AgendaRulesEdit) =>
    call('PUT', '/api/clients/{client_id}/agenda', { ...client(id), body }),
  addAccount: (id: string, body: CalendarAccountEdit) =>
    call('POST', '/api/clients/{client_id}/calendars', { ...client(id), body }),
  changeAccount: (id: string, of: string, body: CalendarAccountEdit) =>
    call('PUT', '/api/clients/{client_id}/calendars/{account_id}', { ...account(id, of), body }),
  dropAccount: (id: string, of: string) =>
    call('DELETE', '/api/clients/{client_id}/calendars/{account_id}', account(id, of)),
  consents: (id: string) => call('GET', '/api/clients/{client_id}/calendar-consent', client(id)),
  consent: (id: string, provider: ConsentProvider, accountId: string | null) =>
    call('POST', '/api/clients/{client_id}/calendar-consent', {
      ...client(id),
      body: { provider, account_id: accountId },
    }),
  tryAccount: (id: string, of: string) =>
    call('POST', '/api/clients/{client_id}/calendars/{account_id}/trial', account(id, of)),
};

export const appointments = {
  slots: (id: string, sought: Sought, signal?: AbortSignal) =>
    call('GET', '/api/clients/{client_id}/slots', {
      ...client(id),
      query: { ...sought },
      signal,
    }),
  between: (id: string, first: string, last: string, q = '') =>
    call('GET', '/api/clients/{client_id}/appointments', {
      ...client(id),
      query: { first, last, q },
    }),
  stuck: (id: string | null, signal?: AbortSignal) =>
    call('GET', '/api/appointments/stuck', { query: { client_id: id }, signal }),
  ofCall: (id: string) =>
    call('GET', '/api/calls/{call_id}/appointments', { path: { call_id: id } }),
  hold: (id: string, body: SlotWanted) =>
    call('POST', '/api/clients/{client_id}/appointments', { ...client(id), body }),
  release: (id: string, of: string, leaving = false) =>
    call('DELETE', '/api/clients/{client_id}/appointments/{appointment_id}/hold', {
      ...one(id, of),
      keepalive: leaving,
    }),
  book: (id: string, of: string, body: BookingEdit) =>
    call('POST', '/api/clients/{client_id}/appointments/{appointment_id}/book', {
      ...one(id, of),
      body,
    }),
  move: (id: string, of: string, begins: string, callId: string | null, tell: NoticeEdit[]) =>
    call('POST', '/api/clients/{client_id}/appointments/{appointment_id}/move', {
      ...one(id, of),
      body: { begins, call_id: callId, tell },
    }),
  cancel: (id: string, of: string, callId: string | null, tell: NoticeEdit[]) =>
    call('POST', '/api/clients/{client_id}/appointments/{appointment_id}/cancel', {
      ...one(id, of),
      body: { call_id: callId, tell },
    }),
  insist: (id: string, of: string) =>
    call(
      'POST',
      '/api/clients/{client_id}/appointments/{appointment_id}/insist',
      one(id, of),
    ),
};
