/** HTTP towards the service: one function a route, refusals as `Refusal`, no network as `Unreachable`. */
import type {
  ApproveMessage,
  Board,
  CallDetail,
  CallState,
  CallSummary,
  CardView,
  ClientCard,
  Credentials,
  DemoCall,
  DemoCallRequest,
  DemoCallView,
  DemoLine,
  DraftFieldView,
  EntryView,
  Feedback,
  ImportPreview,
  Me,
  MessageView,
  Problem,
  SessionDescription,
} from './types';

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

/** Called whenever a signed-in request is answered 401: the session has ended elsewhere. */
export function onSignedOut(callback: () => void): void {
  signedOut = callback;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Options {
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

async function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    // Refusals come in the language of the page.
    'Accept-Language': document.documentElement.lang,
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
    response = await fetch(path, {
      method,
      headers,
      body,
      credentials: 'same-origin',
      signal: options.signal ?? null,
      keepalive: options.keepalive ?? false,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable(String(error));
  }
  if (!response.ok) {
    if (response.status === 401 && csrf !== null) {
      csrf = null;
      signedOut();
    }
    throw await refusalOf(response);
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const parts = Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length ? `?${parts.join('&')}` : '';
}

const id = encodeURIComponent;

async function remembering(me: Promise<Me>): Promise<Me> {
  const known = await me;
  csrf = known.csrf;
  return known;
}

export interface CallQuery {
  client_id?: string | null;
  state?: CallState | null;
  limit?: number;
  before?: string | null;
}

export const service = {
  signIn: (credentials: Credentials) =>
    remembering(request<Me>('POST', '/api/session', { body: credentials })),
  session: () => remembering(request<Me>('GET', '/api/session')),
  async signOut(): Promise<void> {
    await request<void>('DELETE', '/api/session');
    csrf = null;
  },

  board: () => request<Board>('GET', '/api/board'),
  calls: (filter: CallQuery = {}, signal?: AbortSignal) =>
    request<CallSummary[]>('GET', `/api/calls${query({ ...filter })}`, { signal }),
  call: (callId: string, signal?: AbortSignal) =>
    request<CallDetail>('GET', `/api/calls/${id(callId)}`, { signal }),
  answer: (callId: string, offer: SessionDescription) =>
    request<SessionDescription>('POST', `/api/calls/${id(callId)}/answer`, { body: offer }),
  hangUp: (callId: string) => request<void>('POST', `/api/calls/${id(callId)}/hangup`),
  editDraft: (callId: string, fields: Record<string, string | null>, keepalive = false) =>
    request<DraftFieldView[]>('PATCH', `/api/calls/${id(callId)}/draft`, {
      body: { fields },
      keepalive,
    }),
  approve: (callId: string, message: ApproveMessage) =>
    request<MessageView>('POST', `/api/calls/${id(callId)}/message`, { body: message }),
  ask: (callId: string, question: string, signal?: AbortSignal) =>
    request<CardView[]>('GET', `/api/calls/${id(callId)}/ask${query({ q: question })}`, { signal }),
  feedback: (callId: string, suggestionId: string, feedback: Feedback) =>
    request<void>('POST', `/api/calls/${id(callId)}/suggestions/${id(suggestionId)}/feedback`, {
      body: feedback,
    }),

  messages: (
    filter: { client_id?: string | null; limit?: number; before?: string | null } = {},
    signal?: AbortSignal,
  ) => request<MessageView[]>('GET', `/api/messages${query({ ...filter })}`, { signal }),
  acknowledge: (messageId: string) =>
    request<MessageView>('POST', `/api/messages/${id(messageId)}/acknowledge`),
  retry: (messageId: string) =>
    request<MessageView>('POST', `/api/messages/${id(messageId)}/retry`),

  portalClient: () => request<ClientCard>('GET', '/api/portal/client'),
  entries: () => request<EntryView[]>('GET', '/api/portal/entries'),
  importEntries(file: File, apply: boolean): Promise<ImportPreview> {
    const form = new FormData();
    form.append('file', file, file.name);
    return request<ImportPreview>('POST', `/api/portal/entries/import${query({ apply })}`, {
      body: form,
    });
  },

  demoLines: () => request<DemoLine[]>('GET', '/api/demo/lines'),
  demoCall: (call: DemoCallRequest) =>
    request<DemoCall>('POST', '/api/demo/calls', { body: call }),
  demoState: (callId: string) =>
    request<DemoCallView>('GET', `/api/demo/calls/${id(callId)}`),
  demoHangUp: (callId: string, keepalive = false) =>
    request<void>('DELETE', `/api/demo/calls/${id(callId)}`, { keepalive }),
};
