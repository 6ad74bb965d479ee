/** The service: one function a route. */
import { remember } from './request';
import { call } from './routes';
import type {
  ApproveMessage,
  CallDetail,
  CallState,
  Credentials,
  DemoCallRequest,
  Feedback,
  Me,
  SessionDescription,
  Supervise,
  SupervisorPart,
  TextDecision,
  TextName,
  TransferWish,
  PresenceState,
  SoundKind,
  WelcomeEdit,
} from './types';

export { onSignedOut, Refusal, Unreachable } from './request';

async function remembering(me: Promise<Me>): Promise<Me> {
  const known = await me;
  remember(known);
  return known;
}

/** Utterances of a call in progress that come with it: more than a screen shows. */
export const SAID_AT_FIRST = 100;

export interface CallQuery {
  client_id?: string | null;
  state?: CallState | null;
  limit?: number;
  before?: string | null;
  /** Those that oneself answered. */
  mine?: boolean;
}

export interface MessageQuery {
  client_id?: string | null;
  limit?: number;
  before?: string | null;
}

export const service = {
  signIn: (body: Credentials) => remembering(call('POST', '/api/session', { body })),
  session: () => remembering(call('GET', '/api/session')),
  async signOut(): Promise<void> {
    await call('DELETE', '/api/session');
    remember(null);
  },

  board: () => call('GET', '/api/board'),
  presence: (since: string) => call('GET', '/api/presence', { query: { since } }),
  sayPresence: (state: PresenceState, since: string) =>
    call('PUT', '/api/presence', { query: { since }, body: { state } }),
  welcome: (clientId: string) =>
    call('GET', '/api/clients/{client_id}/welcome', { path: { client_id: clientId } }),
  saveWelcome: (clientId: string, body: WelcomeEdit) =>
    call('PUT', '/api/clients/{client_id}/welcome', { path: { client_id: clientId }, body }),
  dropSound: (clientId: string, kind: SoundKind) =>
    call('DELETE', '/api/clients/{client_id}/sounds/{kind}', {
      path: { client_id: clientId, kind },
    }),
  calls: (query: CallQuery = {}, signal?: AbortSignal) =>
    call('GET', '/api/calls', { query, signal }),
  unfinished: (signal?: AbortSignal) => call('GET', '/api/unfinished', { signal }),
  nothingToSend: (callId: string) =>
    call('DELETE', '/api/unfinished/{call_id}', { path: { call_id: callId } }),
  call: (callId: string, signal?: AbortSignal) =>
    // The schema has events of any kind; their data are those of `EventData`.
    call('GET', '/api/calls/{call_id}', {
      path: { call_id: callId },
      query: { last: SAID_AT_FIRST },
      signal,
    }) as Promise<CallDetail>,
  caller: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/caller', { path: { call_id: callId }, signal }),
  crm: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/crm', { path: { call_id: callId }, signal }),
  search: (q: string, similar: boolean, signal?: AbortSignal) =>
    call('GET', '/api/search', { query: { q, similar }, signal }),
  answer: (callId: string, body: SessionDescription) =>
    call('POST', '/api/calls/{call_id}/answer', { path: { call_id: callId }, body }),
  hangUp: (callId: string) =>
    call('POST', '/api/calls/{call_id}/hangup', { path: { call_id: callId } }),
  pause: (callId: string, paused: boolean) =>
    call('POST', '/api/calls/{call_id}/pause', { path: { call_id: callId }, body: { paused } }),
  hold: (callId: string, held: boolean) =>
    call('POST', '/api/calls/{call_id}/hold', { path: { call_id: callId }, body: { held } }),
  mute: (callId: string, muted: boolean) =>
    call('POST', '/api/calls/{call_id}/mute', { path: { call_id: callId }, body: { muted } }),
  pressKeys: (callId: string, keys: string) =>
    call('POST', '/api/calls/{call_id}/keys', { path: { call_id: callId }, body: { keys } }),
  transfer: (callId: string, body: TransferWish) =>
    call('POST', '/api/calls/{call_id}/transfer', { path: { call_id: callId }, body }),
  bringTogether: (callId: string) =>
    call('POST', '/api/calls/{call_id}/transfer/together', { path: { call_id: callId } }),
  completeTransfer: (callId: string) =>
    call('POST', '/api/calls/{call_id}/transfer/complete', { path: { call_id: callId } }),
  takeBack: (callId: string) =>
    call('POST', '/api/calls/{call_id}/transfer/take-back', { path: { call_id: callId } }),
  callOut: (clientId: string, number: string, offer: SessionDescription) =>
    call('POST', '/api/calls', { body: { client_id: clientId, number, offer } }),
  line: () => call('GET', '/api/line'),
  supervise: (callId: string, body: Supervise) =>
    call('POST', '/api/calls/{call_id}/supervision', { path: { call_id: callId }, body }),
  changeSupervision: (callId: string, part: SupervisorPart) =>
    call('PUT', '/api/calls/{call_id}/supervision', { path: { call_id: callId }, body: { part } }),
  leaveSupervision: (callId: string) =>
    call('DELETE', '/api/calls/{call_id}/supervision', {
      path: { call_id: callId },
      keepalive: true,
    }),
  editDraft: (callId: string, fields: Record<string, string | null>, keepalive = false) =>
    call('PATCH', '/api/calls/{call_id}/draft', {
      path: { call_id: callId },
      body: { fields },
      keepalive,
    }),
  approve: (callId: string, body: ApproveMessage) =>
    call('POST', '/api/calls/{call_id}/message', { path: { call_id: callId }, body }),
  edits: (clientId: string, signal?: AbortSignal) =>
    call('GET', '/api/clients/{client_id}/edits', { path: { client_id: clientId }, signal }),
  wrapUp: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/wrapup', { path: { call_id: callId }, signal }),
  writeTexts: (callId: string) =>
    call('POST', '/api/calls/{call_id}/texts', { path: { call_id: callId } }),
  decideText: (callId: string, name: TextName, body: TextDecision) =>
    call('POST', '/api/calls/{call_id}/texts/{name}', { path: { call_id: callId, name }, body }),
  ask: (callId: string, q: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/ask', { path: { call_id: callId }, query: { q }, signal }),
  feedback: (callId: string, suggestionId: string, body: Feedback) =>
    call('POST', '/api/calls/{call_id}/suggestions/{suggestion_id}/feedback', {
      path: { call_id: callId, suggestion_id: suggestionId },
      body,
    }),

  messages: (query: MessageQuery = {}, signal?: AbortSignal) =>
    call('GET', '/api/messages', { query, signal }),
  acknowledge: (messageId: string) =>
    call('POST', '/api/messages/{message_id}/acknowledge', { path: { message_id: messageId } }),
  retry: (messageId: string) =>
    call('POST', '/api/messages/{message_id}/retry', { path: { message_id: messageId } }),

  portalClient: () => call('GET', '/api/portal/client'),
  demoLines: () => call('GET', '/api/demo/lines'),
  demoCall: (body: DemoCallRequest) => call('POST', '/api/demo/calls', { body }),
  demoState: (callId: string) =>
    call('GET', '/api/demo/calls/{call_id}', { path: { call_id: callId } }),
  demoHangUp: (callId: string, keepalive = false) =>
    call('DELETE', '/api/demo/calls/{call_id}', { path: { call_id: callId }, keepalive }),
};
