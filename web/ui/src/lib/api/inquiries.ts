/** What is written to clients: one function a route. */
import { call } from './routes';
import type { InletInput } from './contract';

export type { InletView, InquirySummary, InquiryView, UnreadMailboxView } from './contract';

const of = (callId: string) => ({ path: { call_id: callId } });
const INLETS = '/api/clients/{client_id}/inlets';

export const inquiries = {
  open: (signal?: AbortSignal) => call('GET', '/api/inquiries', { signal }),
  unread: (signal?: AbortSignal) => call('GET', '/api/inquiries/mailboxes', { signal }),
  of: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/inquiries/{call_id}', { ...of(callId), signal }),
  take: (callId: string) => call('POST', '/api/inquiries/{call_id}/take', of(callId)),
  putBack: (callId: string) => call('POST', '/api/inquiries/{call_id}/put-back', of(callId)),
  close: (callId: string) => call('POST', '/api/inquiries/{call_id}/close', of(callId)),
  reply: (callId: string, text: string) =>
    call('POST', '/api/inquiries/{call_id}/reply', { ...of(callId), body: { text } }),
  file: (callId: string, fileId: string) =>
    `/api/inquiries/${encodeURIComponent(callId)}/files/${encodeURIComponent(fileId)}`,
};

export const inlets = {
  all: (clientId: string) => call('GET', INLETS, { path: { client_id: clientId } }),
  add: (clientId: string, body: InletInput) =>
    call('POST', INLETS, { path: { client_id: clientId }, body }),
  remove: (clientId: string, value: string) =>
    call('POST', `${INLETS}/remove`, { path: { client_id: clientId }, body: { value } }),
};
