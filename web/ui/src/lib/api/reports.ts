/** Reports and invoicing: one function a route, and the addresses of files. */
import { address, call } from './routes';
import type { AgreementView, StatementView } from './contract';

export type { AgreementView, ReportView, StatementView, TariffView } from './contract';
export type FileKind = 'csv' | 'xlsx' | 'pdf';
export const FILE_KINDS: readonly FileKind[] = ['pdf', 'xlsx', 'csv'];
export type Item = StatementView['lines'][number]['item'];
export const ITEMS: readonly Item[] = [
  'call',
  'outgoing_call',
  'minute',
  'message',
  'appointment',
  'transfer',
  'sms',
];

export interface Days {
  first: string;
  last: string;
}

export const reports = {
  report: (days: Days, clientId: string | null, signal?: AbortSignal) =>
    call('GET', '/api/reports', { query: { ...days, client_id: clientId }, signal }),
  own: (days: Days, signal?: AbortSignal) =>
    call('GET', '/api/reports/own', { query: { ...days }, signal }),
  file: (days: Days, clientId: string | null, kind: FileKind) =>
    address('/api/reports/file', {}, { ...days, client_id: clientId, kind }),
  listing: (what: 'calls' | 'messages', query: Record<string, unknown>) =>
    address(`/api/portal/${what}/file`, {}, query),
  usage: (month: string, signal?: AbortSignal) =>
    call('GET', '/api/usage', { query: { month }, signal }),
  closeMonth: (clientId: string, month: string) =>
    call('POST', '/api/clients/{client_id}/statements/{month}/close', {
      path: { client_id: clientId, month },
    }),
  statementFile: (clientId: string, month: string, kind: FileKind) =>
    address(
      '/api/clients/{client_id}/statements/{month}/file',
      { client_id: clientId, month },
      { kind },
    ),
  agreement: (clientId: string, signal?: AbortSignal) =>
    call('GET', '/api/clients/{client_id}/agreement', { path: { client_id: clientId }, signal }),
  agree: (clientId: string, body: AgreementView) =>
    call('PUT', '/api/clients/{client_id}/agreement', { path: { client_id: clientId }, body }),
  served: () => call('GET', '/api/portal/served'),
  markServed: (messageId: string, wellServed: boolean | null) =>
    call('PUT', '/api/messages/{message_id}/served', {
      path: { message_id: messageId },
      body: { well_served: wellServed },
    }),
};
