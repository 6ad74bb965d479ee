/** A call as its events tell it. Pure: the same events, in any batches, give the same call. */
import type {
  CallDetail,
  CallMoved,
  CallState,
  DraftFieldView,
  EventView,
  GuidanceChanged,
  LegRole,
  Part,
  RecordingChanged,
  ShownCard,
  SupervisorPart,
  TransferChanged,
} from '../api/types';
import {
  withAcknowledgement,
  withApproval,
  withDelivered,
  withEscalation,
  withMessage,
  withRefusal,
  type Delivery,
} from './delivery';
import { NOT_WRITTEN, withDecision, withWriting, type Writing } from './writing';
import {
  hearingOf,
  utteranceOf,
  withoutHeard,
  withSaidBefore,
  withUtterance,
  type Hearings,
  type Turn,
} from './transcript';

/** Whose voice may stop coming; the guest is whom the call is being, or was, given to. */
export type Talker = LegRole | 'guest';

export interface Offer {
  suggestionId: string;
  utteranceId: string;
  cards: readonly ShownCard[];
}

export interface OpenTrouble {
  part: Part;
  code: string;
  detail: string;
}

export interface Ending {
  by: 'caller' | 'operator' | 'system';
  reason: string;
  duration_s: number;
}

export interface CallLog {
  /** The highest seq seen: where to resume from. */
  lastSeq: number;
  state: CallState;
  answeredAt: string | null;
  operatorName: string | null;
  /** Who writes the message. */
  holder: { id: string; name: string } | null;
  ending: Ending | null;
  turns: readonly Turn[];
  hearings: Hearings;
  /** Languages that legs turned out to speak, by their codes. */
  languages: Partial<Record<LegRole, string>>;
  offers: readonly Offer[];
  draft: readonly DraftFieldView[];
  /** Up to where the log is in it. */
  draftSeq: number;
  /** What is missing, what to ask, what could be next; null until the service has told. */
  guidance: GuidanceChanged | null;
  /** Nobody is heard for now: the operator wants it so. */
  paused: boolean;
  delivery: Delivery | null;
  troubles: Partial<Record<Part, OpenTrouble>>;
  /** How the recording stands; null where nobody may record the call. */
  recording: RecordingChanged | null;
  /** Where the log last spoke of an appointment: what is shown of them is read again then. */
  appointmentsSeq: number;
  /** On hold: nobody hears or is heard. */
  held: boolean;
  /** The operator's voice is kept from the caller. */
  muted: boolean;
  /** The last transfer as it stands: under way, completed, or come to nothing. */
  transfer: TransferChanged | null;
  /** The other side had somebody else called in its place. */
  moved: CallMoved | null;
  /** A supervisor is on the call. */
  supervised: { part: SupervisorPart; name: string } | null;
  /** Whose voice does not come. */
  silent: readonly Talker[];
  /** What a language model proposes. */
  writing: Writing;
}

export const EMPTY_LOG: CallLog = {
  lastSeq: 0,
  state: 'ringing',
  answeredAt: null,
  operatorName: null,
  holder: null,
  ending: null,
  turns: [],
  hearings: {},
  languages: {},
  offers: [],
  draft: [],
  draftSeq: 0,
  guidance: null,
  paused: false,
  delivery: null,
  troubles: {},
  recording: null,
  appointmentsSeq: 0,
  held: false,
  muted: false,
  transfer: null,
  supervised: null,
  silent: [],
  moved: null,
  writing: NOT_WRITTEN,
};

function holderOf(who: { operator_id: string; operator_name: string }): CallLog['holder'] {
  return { id: who.operator_id, name: who.operator_name };
}

/** The call with one more event, whatever its seq. */
function applied(log: CallLog, event: EventView): CallLog {
  switch (event.kind) {
    case 'call_ringing':
      return log;
    case 'call_answered':
      return {
        ...log,
        state: 'live',
        answeredAt: log.answeredAt ?? event.at,
        operatorName: event.data.operator_name,
        holder: log.holder ?? holderOf(event.data),
      };
    case 'call_ended': {
      const { ended_by: by, reason, duration_s } = event.data;
      return { ...log, state: 'ended', hearings: {}, ending: { by, reason, duration_s } };
    }
    case 'partial_heard':
      return withPartial(log, event);
    case 'utterance_heard': {
      const utterance = utteranceOf(event.data);
      return {
        ...log,
        turns: utterance.text.trim() === '' ? log.turns : withUtterance(log.turns, utterance),
        hearings: withoutHeard(log.hearings, utterance),
      };
    }
    case 'language_changed':
      return { ...log, languages: { ...log.languages, [event.data.leg]: event.data.language } };
    case 'suggestion_offered': {
      const { suggestion_id: suggestionId, utterance_id: utteranceId } = event.data;
      if (event.data.cards.length === 0) return log;
      // Told before alternatives were: a log may be older than this page.
      const cards = [...event.data.cards, ...(event.data.alternatives ?? [])];
      return { ...log, offers: withOffer(log.offers, { suggestionId, utteranceId, cards }) };
    }
    case 'message_held':
      return { ...log, holder: holderOf(event.data) };
    case 'draft_changed':
      return { ...log, draft: event.data.fields, draftSeq: event.seq };
    case 'guidance_changed':
      return { ...log, guidance: event.data };
    case 'transcription_paused':
      // What was half heard will not be finished.
      return { ...log, paused: event.data.paused, hearings: event.data.paused ? {} : log.hearings };
    case 'message_approved':
      return { ...log, delivery: withApproval(log.delivery, event.data) };
    case 'message_delivered':
      return { ...log, delivery: withDelivered(log.delivery, event.data) };
    case 'message_failed':
      return { ...log, delivery: withRefusal(log.delivery, event.data) };
    case 'message_acknowledged':
      return { ...log, delivery: log.delivery && withAcknowledgement(log.delivery) };
    case 'escalation_moved':
      return { ...log, delivery: log.delivery && withEscalation(log.delivery, event.data) };
    case 'trouble': {
      const { part, code, detail, recovered } = event.data;
      const role = /^no_audio_(caller|operator|guest)$/.exec(code)?.[1] as Talker | undefined;
      if (role) {
        const others = log.silent.filter((one) => one !== role);
        return { ...log, silent: recovered ? others : [...others, role] };
      }
      const troubles = { ...log.troubles };
      if (recovered) delete troubles[part];
      else troubles[part] = { part, code, detail };
      return { ...log, troubles };
    }
    case 'recording_changed':
      return { ...log, recording: event.data };
    case 'appointment_changed':
      return { ...log, appointmentsSeq: event.seq };
    case 'call_held':
      return { ...log, held: event.data.held };
    case 'operator_muted':
      return { ...log, muted: event.data.muted };
    case 'call_moved':
      return { ...log, moved: event.data };
    case 'transfer_changed':
      return { ...log, transfer: event.data };
    case 'call_supervised': {
      const { part, supervisor_name: name } = event.data;
      return { ...log, supervised: part ? { part, name } : null };
    }
    case 'writing_changed':
      return { ...log, writing: withWriting(event.data, log.writing) };
    case 'text_decided':
      return { ...log, writing: withDecision(event.data, log.writing) };
    default:
      // A newer service may speak of things that this page does not know.
      return log;
  }
}

function withPartial(log: CallLog, event: Extract<EventView, { kind: 'partial_heard' }>): CallLog {
  if (log.state === 'ended') return log;
  const { leg, utterance_id: id } = event.data;
  // A partial that was overtaken by its own final says nothing new.
  if (log.turns.some((turn) => turn.utterances.some((one) => one.id === id))) return log;
  const hearings = { ...log.hearings };
  const hearing = hearingOf(event.data);
  if (hearing) hearings[leg] = hearing;
  else delete hearings[leg];
  return { ...log, hearings };
}

/** Offers in the order they came. The same first answer twice in a row is one offer, renewed. */
function withOffer(offers: readonly Offer[], offer: Offer): readonly Offer[] {
  const last = offers.at(-1);
  if (last && last.cards[0]?.entry_id === offer.cards[0]?.entry_id) {
    return [...offers.slice(0, -1), { ...offer, suggestionId: last.suggestionId }];
  }
  return [...offers, offer];
}

/**
 * The call after these events, in their order. Events already seen (a socket resumed a little
 * early) are skipped: within a call, seq only grows.
 */
export function apply(log: CallLog, events: readonly EventView[]): CallLog {
  let next = log;
  for (const event of events) {
    if (event.seq <= next.lastSeq) continue;
    next = { ...applied(next, event), lastSeq: event.seq };
  }
  return next;
}

/** The call with a page of what was said, and offered, before its first words. */
export function withEarlier(log: CallLog, events: readonly EventView[]): CallLog {
  const before = apply(EMPTY_LOG, events);
  const utterances = before.turns.flatMap((turn) => turn.utterances);
  const turns = withSaidBefore(log.turns, utterances);
  return { ...log, turns, offers: [...before.offers, ...log.offers] };
}

const COURSE: readonly CallState[] = ['ringing', 'live', 'ended'];

/** A call only goes forward; its record and its events may be written at different moments. */
function furthest(one: CallState, other: CallState): CallState {
  return COURSE.indexOf(one) > COURSE.indexOf(other) ? one : other;
}

function holderOfCall({ operator_id: id, operator_name: name }: CallDetail['call']): CallLog['holder'] {
  return id ? { id, name: name ?? '' } : null;
}

/** The call as the service gives it, before its socket is opened. */
export function fromDetail(detail: CallDetail): CallLog {
  const log = apply(EMPTY_LOG, detail.events);
  return {
    ...log,
    state: furthest(detail.call.state, log.state),
    answeredAt: detail.call.answered_at ?? log.answeredAt,
    operatorName: detail.call.operator_name ?? log.operatorName,
    holder: log.holder ?? holderOfCall(detail.call),
    draft: detail.draft.length ? detail.draft : log.draft,
    draftSeq: log.lastSeq,
    delivery: withMessage(log.delivery, detail.message),
  };
}

/** Somebody is being called for the caller, who waits. */
export function isTransferring(log: CallLog): boolean {
  const state = log.transfer?.state;
  return (
    log.state === 'live' &&
    (state === 'dialling' || state === 'ringing' || state === 'announcing' || state === 'consulting' || state === 'together')
  );
}

/** Somebody else has the caller: nothing is left to do on the line. */
export function isHandedOver(log: CallLog): boolean {
  return log.transfer?.state === 'completed';
}
