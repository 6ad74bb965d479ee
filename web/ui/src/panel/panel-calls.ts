/** The calls of a panel: the operator's own, by the panel's routes. */
import { SAID_A_PAGE, type CallService } from '../lib/api/call-service';
import { call } from '../lib/api/routes';
import { SAID_AT_FIRST } from '../lib/api/service';
import type { CallDetail, SaidBefore } from '../lib/api/types';

const ROOT = '/api/panel/calls/{call_id}';

export const panelCalls: CallService = {
  call: (callId, signal) =>
    call('GET', ROOT, {
      path: { call_id: callId },
      query: { last: SAID_AT_FIRST },
      signal,
    }) as Promise<CallDetail>,
  saidBefore: (callId, before, signal) =>
    call('GET', `${ROOT}/log`, {
      path: { call_id: callId },
      query: { before, last: SAID_A_PAGE },
      signal,
    }) as Promise<SaidBefore>,
  socket: (callId, since) =>
    `/api/panel/calls/${encodeURIComponent(callId)}/socket?since=${since}`,
  editDraft: (callId, fields, keepalive = false) =>
    call('PATCH', `${ROOT}/draft`, { path: { call_id: callId }, body: { fields }, keepalive }),
  takeMessage: (callId) => call('PUT', `${ROOT}/draft/holder`, { path: { call_id: callId } }),
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
