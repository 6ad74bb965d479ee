/** What is done with a call on a page: the desk's own routes, a panel's, or a training's. */
import { getContext, setContext } from 'svelte';
import { service } from './service';
import type {
  ActionView,
  ApproveMessage,
  CallDetail,
  DraftFieldView,
  Feedback,
  MessageView,
  ShownCard,
} from './types';

export interface CallService {
  call(callId: string, signal?: AbortSignal): Promise<CallDetail>;
  /** Of its events after `since`. */
  socket(callId: string, since: number): string;
  editDraft(
    callId: string,
    fields: Record<string, string | null>,
    keepalive?: boolean,
  ): Promise<readonly DraftFieldView[]>;
  approve(callId: string, body: ApproveMessage): Promise<MessageView>;
  ask(callId: string, q: string, signal?: AbortSignal): Promise<readonly ShownCard[]>;
  feedback(callId: string, suggestionId: string, body: Feedback): Promise<void>;
  wrapUp(callId: string, signal?: AbortSignal): Promise<{ actions: readonly ActionView[] }>;
  /** The desk's own calls: a model may write, appointments are booked, sending is followed up. */
  readonly isDesk: boolean;
}

export const deskCalls: CallService = {
  call: service.call,
  socket: (callId, since) => `/api/calls/${encodeURIComponent(callId)}/socket?since=${since}`,
  editDraft: service.editDraft,
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
