/** What a failed request says to a person, in the language of the pages. */
import { Refusal, Unreachable } from './api/service';
import { i18n } from './i18n/i18n.svelte';

export function sentence(error: unknown): string {
  const { errors } = i18n.t;
  if (error instanceof Unreachable) return errors.unreachable;
  if (error instanceof Refusal) {
    if (error.status === 401) return errors.expired;
    // The service says it better, and in this language.
    if (error.message) return error.message;
    if (error.status === 403) return errors.forbidden;
    if (error.status === 404) return errors.notFound;
    if (error.status === 429) return errors.tooMany;
    if (error.status >= 500) return errors.unreachable;
    return errors.unexpected;
  }
  return errors.unexpected;
}

export function isStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof Refusal && statuses.includes(error.status);
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
