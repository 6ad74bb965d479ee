/**
 * Stands in for the service in the browser itself (`npm run mock`): fetch, WebSocket, and the far
 * end of the voice, which echoes. `?scene=` picks what is going on: idle, ringing, queue, live,
 * wrapup, down, empty, long, away.
 */
import type {
  Board,
  CallSummary,
  DraftFieldView,
  EventView,
  ImportPreview,
  Me,
  MessageView,
} from '../lib/api/types';
import {
  ago,
  CARDS,
  CLIENTS,
  detail,
  ENDED,
  ENTRIES,
  events,
  message,
  MESSAGES,
  PARTIALS,
  PAST,
  PEOPLE,
  SCRIPT,
  summary,
} from './house';

const asked = new URLSearchParams(window.location.search);
for (const name of ['scene', 'as']) {
  const value = asked.get(name);
  if (value !== null) sessionStorage.setItem(`mock.${name}`, value);
}
const scene = sessionStorage.getItem('mock.scene') ?? 'idle';
const as = sessionStorage.getItem('mock.as');

let me: Me | null =
  Object.values(PEOPLE).find((person) => person.role === as || person.id === as) ?? null;

const mine = { operator_id: 'u-op', operator_name: 'Camille Laurent' };
const logs = new Map<string, EventView[]>();
const sent = new Map<string, MessageView>();
let messages: MessageView[] = scene === 'empty' ? [] : [...MESSAGES];
let board: Board = { calls: [], transcription: scene === 'loading' ? 'loading' : 'ready' };

for (const past of PAST) {
  logs.set(past.id, past.answered_at ? [...events(past.id, SCRIPT), ...events(past.id, [ENDED], 50)] : []);
  const found = MESSAGES.find((one) => one.call_id === past.id);
  if (found) sent.set(past.id, found);
}

const others = [
  summary('b2', 'c-notaire', {
    state: 'live',
    answered_at: ago(214),
    ringing_at: ago(221),
    caller_number: '+33353010455',
    operator_id: 'u-op2',
    operator_name: 'Yanis Brun',
    message_state: 'draft',
  }),
  summary('b3', 'c-auto', {
    state: 'live',
    answered_at: ago(41),
    ringing_at: ago(46),
    caller_name: 'Transports Rivière',
    operator_id: 'u-op3',
    operator_name: 'Élodie Petit',
    message_state: 'draft',
  }),
];

function begin(): void {
  const live = summary('b1', 'c-plomb', { state: 'live', answered_at: ago(63), ringing_at: ago(70), ...mine });
  logs.set('b2', events('b2', SCRIPT));
  logs.set('b3', events('b3', SCRIPT.slice(0, 6)));
  if (scene === 'ringing') board = { ...board, calls: [summary('b1', 'c-plomb')] };
  if (scene === 'queue') {
    board = {
      ...board,
      calls: [
        summary('b1', 'c-plomb', { ringing_at: ago(24) }),
        summary('b4', 'c-dent', { ringing_at: ago(9), caller_name: 'Mme Aubry', caller_number: '+33353010199' }),
        summary('b5', 'c-auto', { ringing_at: ago(3), caller_number: null }),
      ],
    };
  }
  if (['live', 'down', 'long', 'busy'].includes(scene)) {
    board = { ...board, calls: [live, ...others] };
    logs.set('b1', events('b1', SCRIPT));
  }
  if (scene === 'busy') {
    board = { ...board, calls: [...board.calls, summary('b4', 'c-dent', { ringing_at: ago(8) })] };
  }
  if (scene === 'long') logs.set('b1', longLog());
  if (scene === 'gallery') board = { ...board, calls: [live, ...others, summary('b4', 'c-dent', { ringing_at: ago(24) })] };
  if (scene === 'gallery') logs.set('b1', events('b1', SCRIPT));
  if (scene === 'wrapup') {
    localStorage.setItem('souffleur.desk.call', 'b1');
    logs.set('b1', [...events('b1', SCRIPT), ...events('b1', [ENDED], 50)]);
    ended.set('b1', { ...live, state: 'ended', duration_s: 96.2, message_state: 'draft' });
  }
}

const edits = new Map<string, DraftFieldView[]>();
let demoSince = 0;
const ended = new Map<string, CallSummary>();

function longLog(): EventView[] {
  const lines: EventView[] = events('b1', SCRIPT);
  let seq = 100;
  for (let minute = 0; minute < 1500; minute += 1) {
    const leg = minute % 3 === 0 ? 'operator' : 'caller';
    lines.push({
      kind: 'utterance_heard',
      call_id: 'b1',
      seq: seq++,
      at: ago(10),
      data: {
        leg,
        utterance_id: `${leg}-x${minute}`,
        text: `Phrase numéro ${minute} d’une très longue conversation, pour voir si la page reste vive.`,
        heard: '',
        start_s: 70 + minute * 3.5,
        end_s: 72 + minute * 3.5,
        language: 'fr',
        confidence: 0.9,
        words: [],
      },
    });
  }
  return lines;
}

function find(callId: string): CallSummary | undefined {
  return (
    board.calls.find((call) => call.id === callId) ??
    ended.get(callId) ??
    PAST.find((call) => call.id === callId)
  );
}

const sockets = new Set<MockSocket>();

function pushBoard(): void {
  for (const socket of sockets) if (socket.path === '/api/board/socket') socket.say(board);
}

/** What the operator typed stays, as in the service. */
function withEdits(callId: string, fields: DraftFieldView[]): DraftFieldView[] {
  const typed = edits.get(callId) ?? [];
  return [...fields.filter((one) => !typed.some((had) => had.name === one.name)), ...typed];
}

function publish(callId: string, kind: EventView['kind'], given: unknown): void {
  const data =
    kind === 'draft_changed'
      ? { fields: withEdits(callId, (given as { fields: DraftFieldView[] }).fields) }
      : given;
  const log = logs.get(callId) ?? [];
  const seq = (log.at(-1)?.seq ?? 0) + 1;
  const event = { kind, call_id: callId, seq, at: new Date().toISOString(), data } as EventView;
  if (kind !== 'partial_heard') log.push(event);
  logs.set(callId, log);
  for (const socket of sockets) if (socket.path.startsWith(`/api/calls/${callId}/`)) socket.say(event);
}

class MockSocket extends EventTarget {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly path: string;

  constructor(address: string) {
    super();
    const url = new URL(address, window.location.href);
    this.path = url.pathname;
    sockets.add(this);
    setTimeout(() => this.begin(Number(url.searchParams.get('since') ?? 0)), 20);
  }

  say(data: unknown): void {
    this.onmessage?.({ data: JSON.stringify(data) });
  }

  close(): void {
    sockets.delete(this);
  }

  private begin(since: number): void {
    if (scene === 'away') {
      sockets.delete(this);
      this.onclose?.({ code: 1006 });
      return;
    }
    this.onopen?.();
    if (this.path === '/api/board/socket') return this.say(board);
    const callId = this.path.split('/')[3] ?? '';
    for (const event of logs.get(callId) ?? []) if (event.seq > since) this.say(event);
    if (['live', 'down', 'busy'].includes(scene) && callId === 'b1') {
      for (const event of events('b1', PARTIALS, 900)) this.say(event);
      if (scene === 'down') {
        this.say(events('b1', [['trouble', { part: 'recognition', code: 'worker_lost', detail: '', recovered: false }]], 901)[0]);
      }
    }
  }
}

/** The far end of the voice: answers the offer in this very page and sends the voice back. */
async function echo(offer: RTCSessionDescriptionInit): Promise<RTCSessionDescriptionInit> {
  const peer = new RTCPeerConnection();
  peer.ontrack = ({ track, streams }) => {
    const sender = peer.getSenders()[0];
    if (sender) void sender.replaceTrack(track);
    else if (streams[0]) peer.addTrack(track, streams[0]);
  };
  await peer.setRemoteDescription(offer);
  await peer.setLocalDescription(await peer.createAnswer());
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { type: 'answer', sdp: peer.localDescription?.sdp ?? '' };
}

function json(value: unknown, status = 200): Response {
  if (status === 204) return new Response(null, { status });
  return new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } });
}

const problem = (status: number, code: string, text: string) => json({ code, message: text }, status);

function playOn(callId: string): void {
  SCRIPT.slice(1).forEach(([kind, data], index) => {
    setTimeout(() => publish(callId, kind, data), 700 * (index + 1));
  });
}

async function calls(method: string, parts: string[], url: URL, body: unknown): Promise<Response> {
  const callId = parts[2] ?? '';
  const call = find(callId);
  if (!callId) {
    const wanted = url.searchParams.get('state');
    const all = scene === 'empty' ? [] : PAST;
    return json(all.filter((one) => !wanted || one.state === wanted));
  }
  if (!call) return problem(404, 'unknown_call', 'Appel introuvable.');
  const log = logs.get(callId) ?? [];
  switch (parts[3]) {
    case undefined:
      return json(detail(call, log, sent.get(callId) ?? null));
    case 'answer': {
      if (scene === 'taken') return problem(409, 'taken', 'Appel déjà pris.');
      const answer = await echo(body as RTCSessionDescriptionInit);
      if (call.state === 'ringing') {
        const live = { ...call, ...mine, state: 'live' as const, answered_at: new Date().toISOString() };
        board = { ...board, calls: board.calls.map((one) => (one.id === callId ? live : one)) };
        publish(callId, 'call_answered', { operator_id: 'u-op', operator_name: mine.operator_name });
        pushBoard();
        playOn(callId);
      }
      return json(answer);
    }
    case 'hangup':
      publish(callId, 'call_ended', { ended_by: 'operator', reason: 'normal', duration_s: 61 });
      ended.set(callId, { ...call, state: 'ended', duration_s: 61, message_state: 'draft' });
      board = { ...board, calls: board.calls.filter((one) => one.id !== callId) };
      pushBoard();
      return json(null, 204);
    case 'draft': {
      const { fields } = body as { fields: Record<string, string | null> };
      const now = detail(call, log, null).draft.filter((one) => !(one.name in fields));
      const edited = Object.entries(fields).map(([name, value]) => ({
        name,
        value,
        confidence: 1,
        utterance_id: null,
        read_back: false,
        edited: true,
      }));
      const had = (edits.get(callId) ?? []).filter((one) => !(one.name in fields));
      edits.set(callId, [...had, ...edited]);
      publish(callId, 'draft_changed', { fields: now });
      return json(withEdits(callId, now));
    }
    case 'message': {
      const given = body as { fields: Record<string, string | null>; note: string };
      const one = message(`m-${callId}`, {
        call_id: callId,
        state: 'approved',
        fields: given.fields,
        note: given.note,
        approved_at: new Date().toISOString(),
        delivered_at: null,
      });
      sent.set(callId, one);
      publish(callId, 'message_approved', { message_id: one.id, operator_id: 'u-op' });
      setTimeout(() => {
        if (scene === 'failing') {
          publish(callId, 'message_failed', { message_id: one.id, channel: 'email', recipient: 'h.vasseur@example.fr', detail: '550 Boîte inconnue', final: true });
        } else {
          publish(callId, 'message_delivered', { message_id: one.id, channel: 'email', recipient: 'h.vasseur@example.fr' });
        }
      }, 1200);
      return json(one, 202);
    }
    case 'ask':
      await new Promise((resolve) => setTimeout(resolve, 120));
      return json(url.searchParams.get('q')?.includes('zzz') ? [] : CARDS);
    default:
      return json(null, 204);
  }
}

async function answer(method: string, url: URL, body: unknown): Promise<Response> {
  const parts = url.pathname.split('/').filter(Boolean);
  switch (parts.slice(1, 3).join('/')) {
    case 'session': {
      if (method === 'DELETE') {
        me = null;
        return json(null, 204);
      }
      if (method === 'POST') {
        const { email } = body as { email: string };
        me = PEOPLE[email] ?? null;
        return me ? json(me) : problem(401, 'bad_credentials', 'Adresse ou mot de passe incorrect.');
      }
      return me ? json(me) : problem(401, 'signed_out', 'Connectez-vous.');
    }
    case 'portal/client':
      return json(CLIENTS['c-plomb']);
    case 'portal/entries': {
      if (method === 'GET') return json(scene === 'empty' ? [] : ENTRIES);
      const file = (body as FormData).get('file') as File;
      if (file.name.includes('mauvais')) {
        return problem(422, 'csv_column', `${file.name} : la colonne « réponse » manque. Ajoutez-la à la première ligne.`);
      }
      const preview: ImportPreview = {
        applied: url.searchParams.get('apply') === 'true',
        added: 12,
        changed: 3,
        removed: 1,
        unchanged: 41,
        problems: file.name.includes('lignes')
          ? [
              { line: 7, message: 'La réponse est vide.' },
              { line: 19, message: 'L’identifiant « e4 » est déjà à la ligne 5.' },
            ]
          : [],
      };
      return json(preview);
    }
    case 'demo/lines':
      return json([
        { number: '+33199001001', client_name: 'Plomberie Vasseur' },
        { number: '+33199001002', client_name: 'Cabinet dentaire des Quais' },
      ]);
    case 'demo/calls':
      if (method === 'DELETE') return json(null, 204);
      if (method === 'GET') return json({ state: Date.now() - demoSince > 4000 ? 'live' : 'ringing' });
      demoSince = Date.now();
      return json({ call_id: 'd1', answer: await echo((body as { offer: RTCSessionDescriptionInit }).offer) });
    default:
      break;
  }
  if (parts[1] === 'board') return json(board);
  if (parts[1] === 'calls') return calls(method, parts.slice(0), url, body);
  if (parts[1] === 'messages') {
    if (method === 'GET') return json(messages);
    messages = messages.map((one) => (one.id === parts[2] ? { ...one, state: 'acknowledged' } : one));
    return json(messages.find((one) => one.id === parts[2]));
  }
  return problem(404, 'not_found', 'Introuvable.');
}

/** For measurements: say events by hand. */
Object.assign(window, {
  __mock: {
    socketOf: (path: string) => [...sockets].find((socket) => socket.path.startsWith(path)),
  },
});

begin();
const real = window.fetch.bind(window);
window.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, window.location.href);
  if (!url.pathname.startsWith('/api/')) return real(input, init);
  if (scene === 'away') throw new TypeError('Failed to fetch');
  const raw = init?.body;
  const body: unknown = typeof raw === 'string' ? JSON.parse(raw) : raw;
  return answer(init?.method ?? 'GET', url, body);
};
window.WebSocket = MockSocket as unknown as typeof WebSocket;
