/** Whom a client knows: one function a route. */
import { call } from './routes';
import type { BlockedCalls, KnownCallerInput } from './contract';

export type {
  BlockedCalls,
  KnownCallerInput,
  KnownCallersSeen,
  KnownCallerView,
  PeoplePreview,
} from './contract';

const PEOPLE = '/api/clients/{client_id}/known-callers';
const of = (clientId: string) => ({ client_id: clientId });

function upload(file: File, token?: string): FormData {
  const body = new FormData();
  if (token !== undefined) body.append('token', token);
  body.append('file', file, file.name);
  return body;
}

export const knownCallers = {
  page: (clientId: string, q: string, after: string | null = null, signal?: AbortSignal) =>
    call('GET', PEOPLE, { path: of(clientId), query: { q, after }, signal }),
  state: (clientId: string) => call('GET', `${PEOPLE}/state`, { path: of(clientId) }),
  add: (clientId: string, body: KnownCallerInput) =>
    call('POST', PEOPLE, { path: of(clientId), body }),
  edit: (clientId: string, id: string, body: KnownCallerInput) =>
    call('PUT', `${PEOPLE}/{caller_id}`, { path: { ...of(clientId), caller_id: id }, body }),
  remove: (clientId: string, id: string) =>
    call('DELETE', `${PEOPLE}/{caller_id}`, { path: { ...of(clientId), caller_id: id } }),
  merge: (clientId: string, ids: string[]) =>
    call('POST', `${PEOPLE}/merge`, { path: of(clientId), body: { ids } }),
  erase: (clientId: string, ids: string[], reason: string) =>
    call('POST', `${PEOPLE}/erase`, { path: of(clientId), body: { ids, reason } }),
  undo: (clientId: string, number: number) =>
    call('POST', `${PEOPLE}/versions/{number}/undo`, { path: { ...of(clientId), number } }),
  block: (clientId: string, rule: BlockedCalls['rule']) =>
    call('PUT', `${PEOPLE}/blocked`, { path: of(clientId), body: { rule } }),
  preview: (clientId: string, file: File) =>
    call('POST', `${PEOPLE}/preview`, { path: of(clientId), body: upload(file) }),
  apply: (clientId: string, file: File, token: string) =>
    call('POST', `${PEOPLE}/apply`, { path: of(clientId), body: upload(file, token) }),
  file: (clientId: string, format: 'csv' | 'vcf') =>
    `/api/clients/${encodeURIComponent(clientId)}/known-callers/export?format=${format}`,
};
