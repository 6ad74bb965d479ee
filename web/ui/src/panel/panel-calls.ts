/** The calls of a panel: the operator's own, by the panel's routes. */
import type { CallService } from '../lib/api/call-service';
import { call } from '../lib/api/routes';
import type { CallDetail } from '../lib/api/types';

const ROOT = '/api/panel/calls/{call_id}';

export const panelCalls: CallService = {
  call: (callId, signal) =>
    call('GET', ROOT, { path: { call_id: callId }, signal }) as Promise<CallDetail>,
  socket: (callId, since) =>
    `/api/panel/calls/${encodeURIComponent(callId)}/socket?since=${since}`,
  editDraft: (callId, fields, keepalive = false) =>
    call('PATCH', `${ROOT}/draft`, { path: { call_id: callId }, body: { fields }, keepalive }),
  approve: (callId, body) =>
    call('POST', `${ROOT}/message`, { path: { call_id: callId }, body }),
  ask: (callId, q, signal) =>
    call('GET', `${ROOT}/ask`, { path: { call_id: callId }, query: { q }, signal }),
  feedback: (callId, suggestionId, body) =>
    call('POST', `${ROOT}/suggestions/{suggestion_id}/feedback`, {
      path: { call_id: callId, suggestion_id: suggestionId },
      body,
    }),
  wrapUp: (callId, signal) => call('GET', `${ROOT}/wrapup`, { path: { call_id: callId }, signal }),
  isDesk: false,
};

export const panelService = {
  session: () => call('GET', '/api/panel/session'),
  leave: () => call('DELETE', '/api/panel/session'),
  named: (name: string) => call('GET', '/api/panel/calls', { query: { name } }),
  recent: () => call('GET', '/api/panel/calls', { query: { limit: 1 } }),
};
