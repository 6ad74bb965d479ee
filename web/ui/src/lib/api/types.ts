/**
 * The service's contract as the browser sees it. Mirrors `web/schemas.py` (requests and responses)
 * and `copilot/events.py` (the `data` of each event). The only place these shapes are written.
 */

export type Role = 'administrator' | 'supervisor' | 'operator' | 'client';
export type CallState = 'ringing' | 'live' | 'ended';
export type Language = 'fr' | 'en';
export type LegRole = 'caller' | 'operator';
export type Urgency = 'normal' | 'urgent' | 'critique';
export type Part = 'audio' | 'recognition' | 'knowledge' | 'drafting' | 'store' | 'delivery';
export type Source = 'sip' | 'webrtc' | 'replay';
export type MessageState = 'draft' | 'approved' | 'delivered' | 'acknowledged' | 'failed';

export interface Problem {
  code: string;
  message: string;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface Me {
  id: string;
  email: string;
  name: string;
  role: Role;
  client_id: string | null;
  client_name: string | null;
  language: Language;
  csrf: string;
}

export interface ConsigneView {
  id: string;
  title: string;
  body: string;
  kind: 'accueil' | 'consigne' | 'transfert' | 'interdit';
  valid_from: string | null;
  valid_until: string | null;
}

export interface ContactView {
  id: string;
  name: string;
  role: string;
  email: string | null;
  phone: string | null;
  vip: boolean;
}

export interface ClientCard {
  id: string;
  name: string;
  sector: string;
  colour: string;
  greeting: string;
  consignes: ConsigneView[];
  contacts: ContactView[];
  /** Fields a message must have; where the service does not say, `DEFAULT_REQUIRED` holds. */
  required_fields?: string[];
}

export interface CallSummary {
  id: string;
  state: CallState;
  client_id: string;
  client_name: string;
  client_colour: string;
  caller_number: string | null;
  caller_name: string | null;
  source: Source;
  ringing_at: string;
  answered_at: string | null;
  ended_at: string | null;
  duration_s: number | null;
  operator_id: string | null;
  operator_name: string | null;
  message_state: 'none' | MessageState;
  transcript_lag_s: number;
}

export interface DraftFieldView {
  name: string;
  value: string | null;
  confidence: number;
  utterance_id: string | null;
  read_back: boolean;
  edited: boolean;
}

export interface MessageView {
  id: string;
  call_id: string;
  client_id: string;
  state: MessageState;
  fields: Record<string, string | null>;
  note: string;
  urgency: string;
  approved_at: string | null;
  approved_by: string | null;
  delivered_at: string | null;
  failure: string | null;
}

export interface CardView {
  entry_id: string;
  question: string;
  answer: string;
  source: string;
  confidence: number;
  matched: string[];
}

export interface HeardWord {
  text: string;
  start_s: number;
  end_s: number;
  probability: number;
}

/** The `data` of each event, by its kind. */
export interface EventData {
  call_ringing: {
    client_id: string;
    client_name: string;
    dialled: string;
    caller_number: string | null;
    caller_name: string | null;
    forwarded_from: string | null;
    source: Source;
  };
  call_answered: { operator_id: string; operator_name: string };
  call_ended: { ended_by: 'caller' | 'operator' | 'system'; reason: string; duration_s: number };
  partial_heard: {
    leg: LegRole;
    utterance_id: string;
    settled: string;
    provisional: string;
    start_s: number;
    end_s: number;
  };
  utterance_heard: {
    leg: LegRole;
    utterance_id: string;
    text: string;
    heard: string;
    start_s: number;
    end_s: number;
    language: string;
    confidence: number;
    words: HeardWord[];
  };
  suggestion_offered: { suggestion_id: string; utterance_id: string; cards: CardView[] };
  draft_changed: { fields: DraftFieldView[] };
  message_approved: { message_id: string; operator_id: string };
  message_delivered: { message_id: string; channel: string; recipient: string };
  message_failed: {
    message_id: string;
    channel: string;
    recipient: string;
    detail: string;
    final: boolean;
  };
  trouble: { part: Part; code: string; detail: string; recovered: boolean };
}

export type EventKind = keyof EventData;

/** One event of a call. Kinds this build does not know are possible and ignored. */
export type EventView = {
  [K in EventKind]: { kind: K; call_id: string; seq: number; at: string; data: EventData[K] };
}[EventKind];

export interface CallDetail {
  call: CallSummary;
  client: ClientCard;
  draft: DraftFieldView[];
  message: MessageView | null;
  events: EventView[];
}

export interface SessionDescription {
  type: 'offer' | 'answer';
  sdp: string;
}

export interface DraftEdit {
  fields: Record<string, string | null>;
}

export interface ApproveMessage {
  fields: Record<string, string | null>;
  note: string;
}

export interface Feedback {
  action: 'opened' | 'copied' | 'used' | 'dismissed' | 'not_this';
  entry_id: string;
}

export interface DemoLine {
  number: string;
  client_name: string;
}

export interface DemoCallRequest {
  number: string;
  caller_number: string | null;
  offer: SessionDescription;
}

export interface DemoCall {
  call_id: string;
  answer: SessionDescription;
}

/** How the demonstration caller's own call stands. */
export interface DemoCallView {
  state: CallState;
}

export interface Board {
  calls: CallSummary[];
  transcription: 'ready' | 'loading' | 'interrupted';
}

export interface EntryView {
  id: string;
  question: string;
  answer: string;
  tags: string[];
}

export interface ImportProblem {
  line: number;
  message: string;
}

export interface ImportPreview {
  applied: boolean;
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
  problems: ImportProblem[];
}
