/** Looking after calls: one function a route. */
import { call } from './routes';
import type { AlertRulesView, EvaluationEdit, GridEdit, RemarkEdit } from './contract';

export type {
  AlertRulesView,
  AlertView,
  CoachingView,
  CriterionView,
  EvaluationEdit,
  EvaluationsView,
  EvaluationView,
  GridEdit,
  GridView,
  MomentEdit,
  RemarkEdit,
  RemarkView,
  TrendView,
} from './contract';
export type Mark = EvaluationEdit['marks'][string];
export const MARKS: readonly Mark[] = ['yes', 'partly', 'no', 'na'];

export const quality = {
  remarks: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/remarks', { path: { call_id: callId }, signal }),
  remark: (callId: string, body: RemarkEdit) =>
    call('POST', '/api/calls/{call_id}/remarks', { path: { call_id: callId }, body }),
  settle: (callId: string, remarkId: string, resolved: boolean) =>
    call('POST', '/api/calls/{call_id}/remarks/{remark_id}/settle', {
      path: { call_id: callId, remark_id: remarkId },
      body: { resolved },
    }),
  toDo: (signal?: AbortSignal) => call('GET', '/api/remarks', { signal }),
  coaching: (signal?: AbortSignal) => call('GET', '/api/coaching', { signal }),
  grids: (signal?: AbortSignal) => call('GET', '/api/quality/grids', { signal }),
  makeGrid: (body: GridEdit) => call('POST', '/api/quality/grids', { body }),
  changeGrid: (gridId: string, body: GridEdit) =>
    call('PUT', '/api/quality/grids/{grid_id}', { path: { grid_id: gridId }, body }),
  evaluations: (callId: string, signal?: AbortSignal) =>
    call('GET', '/api/calls/{call_id}/evaluations', { path: { call_id: callId }, signal }),
  evaluate: (callId: string, body: EvaluationEdit) =>
    call('PUT', '/api/calls/{call_id}/evaluation', { path: { call_id: callId }, body }),
  trend: (gridId: string, signal?: AbortSignal) =>
    call('GET', '/api/quality/trend', { query: { grid_id: gridId }, signal }),
  takeAlert: (alertId: string) =>
    call('POST', '/api/alerts/{alert_id}/take', { path: { alert_id: alertId } }),
  rules: (signal?: AbortSignal) => call('GET', '/api/alert-rules', { signal }),
  changeRules: (body: AlertRulesView) => call('PUT', '/api/alert-rules', { body }),
};
