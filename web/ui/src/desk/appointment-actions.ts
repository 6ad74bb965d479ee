/** Appointments by key: look for a time, book the one that is held. */
import { agendaWords } from '../lib/i18n/agenda';
import type { Action } from './actions';

export interface AppointmentKeys {
  showAppointments: () => void;
  bookHeld: () => void;
}

export function appointmentActions(
  view: AppointmentKeys | undefined,
  available: boolean,
): readonly Action[] {
  const { keys } = agendaWords();
  return [
    {
      id: 'appointments',
      label: keys.open,
      group: 'message',
      keys: ['y'],
      available,
      run: () => view?.showAppointments(),
    },
    {
      id: 'book',
      label: keys.book,
      group: 'message',
      keys: ['shift+y'],
      available,
      run: () => view?.bookHeld(),
    },
  ];
}
