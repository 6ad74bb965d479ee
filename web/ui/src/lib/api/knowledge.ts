/** The client's knowledge and consignes: one function a route. */
import { call } from './routes';
import type { ConsigneInput, EntryInput, SoundKind } from './types';

const PORTAL = '/api/portal';

function upload(file: File): FormData {
  const body = new FormData();
  body.append('file', file, file.name);
  return body;
}

export type ImportMode = 'replace' | 'merge';
export type WordingState = 'proposed' | 'approved' | 'refused';
export type GapState = 'open' | 'answered' | 'dismissed';

export const entries = {
  all: () => call('GET', `${PORTAL}/entries`),
  use: () => call('GET', `${PORTAL}/entries/use`),
  add: (body: EntryInput) => call('POST', `${PORTAL}/entries`, { body }),
  edit: (id: string, version: number, change: Partial<EntryInput>) =>
    call('PATCH', `${PORTAL}/entries/{entry_id}`, {
      path: { entry_id: id },
      body: { ...change, version },
    }),
  remove: (id: string, version: number) =>
    call('DELETE', `${PORTAL}/entries/{entry_id}`, { path: { entry_id: id }, query: { version } }),
  attach: (file: File) => call('POST', `${PORTAL}/attachments`, { body: upload(file) }),
};

/** A sound that the client's callers hear. */
export const putSound = (clientId: string, kind: SoundKind, file: File) =>
  call('PUT', '/api/clients/{client_id}/sounds/{kind}', {
    path: { client_id: clientId, kind },
    body: upload(file),
  });

export const imports = {
  all: () => call('GET', `${PORTAL}/imports`),
  file(file: File, mode: ImportMode) {
    const body = upload(file);
    body.append('mode', mode);
    return call('POST', `${PORTAL}/imports`, { body });
  },
  address: (address: string, mode: ImportMode) =>
    call('POST', `${PORTAL}/imports/address`, { body: { address, mode } }),
  get: (id: string) => call('GET', `${PORTAL}/imports/{job_id}`, { path: { job_id: id } }),
  changes: (id: string, offset: number, limit: number) =>
    call('GET', `${PORTAL}/imports/{job_id}/changes`, {
      path: { job_id: id },
      query: { offset, limit },
    }),
  refresh: (id: string, mode: ImportMode | null = null) =>
    call('POST', `${PORTAL}/imports/{job_id}/refresh`, { path: { job_id: id }, query: { mode } }),
  apply: (id: string, token: string) =>
    call('POST', `${PORTAL}/imports/{job_id}/apply`, {
      path: { job_id: id },
      body: { token },
    }),
  discard: (id: string) =>
    call('DELETE', `${PORTAL}/imports/{job_id}`, { path: { job_id: id } }),
};

export const versions = {
  all: () => call('GET', `${PORTAL}/versions`),
  changes: (number: number, offset: number, limit: number) =>
    call('GET', `${PORTAL}/versions/{number}/changes`, {
      path: { number },
      query: { offset, limit },
    }),
  undo: (number: number, latest: number) =>
    call('POST', `${PORTAL}/versions/{number}/undo`, { path: { number }, body: { latest } }),
};

export const documents = {
  all: () => call('GET', `${PORTAL}/documents`),
  remove: (id: string) =>
    call('DELETE', `${PORTAL}/documents/{document_id}`, { path: { document_id: id } }),
};

export const gaps = {
  all: (state: GapState) => call('GET', `${PORTAL}/gaps`, { query: { state } }),
  answer: (id: string, question: string, answer: string, alternatives: string[]) =>
    call('POST', `${PORTAL}/gaps/{gap_id}/entry`, {
      path: { gap_id: id },
      body: { question, answer, tags: [], alternatives },
    }),
  dismiss: (id: string) =>
    call('POST', `${PORTAL}/gaps/{gap_id}/dismiss`, { path: { gap_id: id } }),
  reopen: (id: string) => call('POST', `${PORTAL}/gaps/{gap_id}/reopen`, { path: { gap_id: id } }),
};

export const wordings = {
  all: (state: WordingState) => call('GET', `${PORTAL}/wordings`, { query: { state } }),
  decide: (ids: string[], decision: WordingState) =>
    call('POST', `${PORTAL}/wordings/decide`, { body: { ids, decision } }),
};

export const consignes = {
  all: () => call('GET', `${PORTAL}/consignes`),
  /** By the client's clock; null: now. */
  at: (moment: string | null) =>
    call('GET', `${PORTAL}/consignes/at`, { query: moment ? { moment } : {} }),
  add: (body: ConsigneInput) => call('POST', `${PORTAL}/consignes`, { body }),
  edit: (id: string, version: number, change: ConsigneInput) =>
    call('PATCH', `${PORTAL}/consignes/{consigne_id}`, {
      path: { consigne_id: id },
      body: { ...change, version },
    }),
  remove: (id: string, version: number) =>
    call('DELETE', `${PORTAL}/consignes/{consigne_id}`, {
      path: { consigne_id: id },
      query: { version },
    }),
  versions: () => call('GET', `${PORTAL}/consignes/versions`),
  undo: (number: number, latest: number) =>
    call('POST', `${PORTAL}/consignes/versions/{number}/undo`, {
      path: { number },
      body: { latest },
    }),
  seen: (clientId: string, version: number) =>
    call('POST', '/api/clients/{client_id}/consignes/seen', {
      path: { client_id: clientId },
      body: { version },
    }),
};
