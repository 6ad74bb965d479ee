/** What is done with a call on a page: the desk's own routes, a panel's, or a training's. */
import { getContext, setContext } from 'svelte';
import { call } from './routes';
import { service } from './service';
import type {
  ActionView,
  ApproveMessage,
  CallDetail,
  DraftView,
  Feedback,
  MessageView,
  SaidBefore,
  ShownCard,
} from './types';

/** Utterances of each page before the first. */
export const SAID_A_PAGE = 200;

export interface CallService {
  /** Of a long call in progress, with the end of its log alone. */
  call(callId: string, signal?: AbortSignal): Promise<CallDetail>;
  /** What was said before a seq. */
  saidBefore(callId: string, before: number, signal?: AbortSignal): Promise<SaidBefore>;
  /** Of its events after `since`. */
  socket(callId: string, since: number): string;
  editDraft(
    callId: string,
    fields: Record<string, string | null>,
    keepalive?: boolean,
  ): Promise<DraftView>;
  /** Write the message in place of whoever does. */
  takeMessage(callId: string): Promise<void>;
  approve(callId: string, body: ApproveMessage): Promise<MessageView>;
  ask(callId: string, q: string, signal?: AbortSignal): Promise<readonly ShownCard[]>;
  feedback(callId: string, suggestionId: string, body: Feedback): Promise<void>;
  wrapUp(callId: string, signal?: AbortSignal): Promise<{ actions: readonly ActionView[] }>;
  /** The desk's own calls: a model may write, appointments are booked, sending is followed up. */
  readonly isDesk: boolean;
}

const HOLDER = '/api/calls/{call_id}/draft/holder';

export const deskCalls: CallService = {
  call: service.call,
  saidBefore: (callId, before, signal) =>
    call('GET', '/api/calls/{call_id}/log', {
      path: { call_id: callId },
      query: { before, last: SAID_A_PAGE },
      signal,
    }) as Promise<SaidBefore>,
  socket: (callId, since) => `/api/calls/${encodeURIComponent(callId)}/socket?since=${since}`,
  editDraft: service.editDraft,
  takeMessage: (callId) => call('PUT', HOLDER, { path: { call_id: callId } }),
  approve: service.approve,
  ask: service.ask,
  feedback: service.feedback,
  wrapUp: service.wrapUp,
  isDesk: true,
};

const HERE = Symbol('calls');

/** For everything inside this component: its calls are these. */
export function provideCalls(calls: CallService): void {
  setContext(HERE, calls);
}

/** The calls of this part of the page. */
export function callsHere(): CallService {
  return getContext<CallService | undefined>(HERE) ?? deskCalls;
}
