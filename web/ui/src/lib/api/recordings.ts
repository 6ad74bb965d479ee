/** Recordings: one function a route. */
import type { RecordingPolicyView } from './contract';
import { address, call } from './routes';

const OF_CALL = '/api/calls/{call_id}/recording';
const OF_CLIENT = '/api/admin/clients/{client_id}/recording';

export const recordings = {
  switch: (callId: string, recording: boolean) =>
    call('PUT', OF_CALL, { path: { call_id: callId }, body: { recording } }),
  of: (callId: string, signal?: AbortSignal) =>
    call('GET', OF_CALL, { path: { call_id: callId }, signal }),
  sayWhy: (callId: string, reason: string) =>
    call('POST', `${OF_CALL}/listening`, { path: { call_id: callId }, body: { reason } }),
  /** What an audio element plays: it asks for the ranges it needs. */
  audio: (callId: string) => address(`${OF_CALL}/audio`, { call_id: callId }),
  policy: (clientId: string) => call('GET', OF_CLIENT, { path: { client_id: clientId } }),
  savePolicy: (clientId: string, body: RecordingPolicyView) =>
    call('PUT', OF_CLIENT, { path: { client_id: clientId }, body }),
};
