/** HTTP towards the service: refusals as `Refusal`, no network as `Unreachable`. */
import { addressOf, credentials, isFar } from './reach';
import type { Me, Problem } from './types';

/** The service understood and said no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The service could not be reached, or answered something that is not its own. */
export class Unreachable extends Error {}

let csrf: string | null = null;
let signedOut: () => void = () => undefined;
let language: () => string = () => document.documentElement.lang;

/** Refusals come in this language, where it is not the document's. */
export function speak(of: () => string): void {
  language = of;
}

/** Called whenever a signed-in request is answered 401: the session has ended elsewhere. */
export function onSignedOut(callback: () => void): void {
  signedOut = callback;
}

/** Keep the proof that goes with every change; null once signed out. */
export function remember(me: Me | null): void {
  csrf = me?.csrf ?? null;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Options {
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Lets the request outlive the page: for what was typed just before a reload. */
  keepalive?: boolean;
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.code === 'string' && typeof problem.message === 'string') {
      return new Refusal(response.status, problem.code, problem.message);
    }
  } catch {
    // Not a Problem body (a proxy's page, say): the status alone speaks.
  }
  return new Refusal(response.status, `http_${response.status}`, '');
}

export async function request(
  method: Method,
  path: string,
  options: Options = {},
): Promise<unknown> {
  const known = credentials();
  const headers: Record<string, string> = {
    ...known.headers,
    Accept: 'application/json',
    // Refusals come in the language of the page.
    'Accept-Language': language(),
  };
  if (method !== 'GET' && csrf !== null) headers['X-CSRF'] = csrf;
  let body: BodyInit | null = null;
  if (options.body instanceof FormData) {
    body = options.body;
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path), {
      method,
      headers,
      body,
      credentials: known.mode,
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable(String(error));
  }
  if (!response.ok) {
    if (response.status === 401 && (csrf !== null || isFar())) {
      csrf = null;
      signedOut();
    }
    throw await refusalOf(response);
  }
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(String(error));
  }
}
