/** Training's routes, and its turns as calls of a page. */
import type { CallService } from '../lib/api/call-service';
import { call } from '../lib/api/routes';
import type {
  CallDetail,
  ExerciseEdit,
  MessageView,
  NewExercise,
  RunView,
} from '../lib/api/types';

const RUN = '/api/training/runs/{run_id}';
const EXERCISE = '/api/training/exercises/{exercise_id}';

export const training = {
  offered: () => call('GET', '/api/training/offered'),
  exercises: () => call('GET', '/api/training/exercises'),
  add: (body: NewExercise) => call('POST', '/api/training/exercises', { body }),
  edit: (id: string, body: ExerciseEdit) =>
    call('PUT', EXERCISE, { path: { exercise_id: id }, body }),
  remove: (id: string) => call('DELETE', EXERCISE, { path: { exercise_id: id } }),
  fromCall: (callId: string, reason: string) =>
    call('POST', '/api/training/exercises/from-call', { body: { call_id: callId, reason } }),
  runs: () => call('GET', '/api/training/runs'),
  begin: (exerciseId: string) =>
    call('POST', '/api/training/runs', { body: { exercise_id: exerciseId } }),
};

/** Where one thing said in a recorded exercise is heard. */
export function voiceAddress(runId: string, utteranceId: string): string {
  return `/api/training/runs/${encodeURIComponent(runId)}/voices/${encodeURIComponent(utteranceId)}`;
}

/** A turn seen as a call: the same panes, nothing sent. `scored` is told the result. */
export function runCalls(
  ticked: () => readonly string[],
  scored: (run: RunView) => void,
): CallService {
  return {
    call: (runId, signal) =>
      call('GET', RUN, { path: { run_id: runId }, signal }) as Promise<CallDetail>,
    // An exercise is short: its log comes whole.
    saidBefore: () => Promise.resolve({ events: [], earlier: null }),
    socket: (runId, since) =>
      `/api/training/runs/${encodeURIComponent(runId)}/socket?since=${since}`,
    editDraft: (runId, fields, keepalive = false) =>
      call('PATCH', `${RUN}/draft`, { path: { run_id: runId }, body: { fields }, keepalive }),
    async approve(runId, { fields }): Promise<MessageView> {
      const run = await call('POST', `${RUN}/message`, {
        path: { run_id: runId },
        body: { fields, ticked: [...ticked()] },
      });
      scored(run);
      const at = run.sent_at ?? new Date().toISOString();
      return {
        id: run.id,
        call_id: run.id,
        client_id: run.client_id,
        state: 'approved',
        fields,
        note: '',
        urgency: 'normal',
        approved_at: at,
        approved_by: run.operator_name,
        delivered_at: null,
        acknowledged_at: null,
        acknowledged_by: null,
        failure: null,
      };
    },
    ask: (runId, q, signal) =>
      call('GET', `${RUN}/ask`, { path: { run_id: runId }, query: { q }, signal }),
    takeMessage: () => Promise.resolve(),
    // What a trainee does with an answer teaches nothing about callers.
    feedback: () => Promise.resolve(),
    wrapUp: () => Promise.resolve({ actions: [] }),
    isDesk: false,
  };
}
