/** Where an approved message stands, from its events: the service's own rule (`settle_message`). */
import type { EventData, MessageState, MessageView } from '../api/types';

export interface Delivery {
  messageId: string;
  state: MessageState;
  channel: string | null;
  recipient: string | null;
  failure: string | null;
  /** A channel refused, and it will be tried again. */
  retrying: boolean;
  /** The client's usual recipients decide; without any, whoever is on call does. */
  own: boolean;
  /** Where the escalation stands: `running 2`. */
  escalation?: string | undefined;
}

function deliveryOf(messageId: string, state: MessageState): Delivery {
  return {
    messageId,
    state,
    channel: null,
    recipient: null,
    failure: null,
    retrying: false,
    own: true,
  };
}

/** Where a message stands, from the message itself. */
export function deliveryOfMessage(message: MessageView): Delivery {
  return { ...deliveryOf(message.id, message.state), failure: message.failure };
}

/** The events know the channel and the recipient, the message itself where it stands now. */
export function withMessage(delivery: Delivery | null, message: MessageView | null): Delivery | null {
  if (!message || message.state === 'draft') return delivery;
  const { id, state, failure } = message;
  return { ...(delivery ?? deliveryOf(id, state)), messageId: id, state, failure };
}

/** After the service's answer to an approval: events may have come first, and know more. */
export function afterApproval(known: Delivery | null, sent: MessageView): Delivery {
  if (known?.messageId !== sent.id) return deliveryOfMessage(sent);
  return known.state === 'approved' ? (withMessage(known, sent) ?? known) : known;
}

export function withApproval(
  known: Delivery | null,
  { message_id: id, recipients }: EventData['message_approved'],
): Delivery {
  const own = recipients !== 0;
  return known?.messageId === id ? { ...known, own } : { ...deliveryOf(id, 'approved'), own };
}

export function withDelivered(
  known: Delivery | null,
  data: EventData['message_delivered'],
): Delivery {
  const { message_id: id, channel, recipient } = data;
  const before = known?.messageId === id ? known : deliveryOf(id, 'approved');
  if (data.step > 0 && before.own) return before;
  if (before.state === 'acknowledged' || (data.step === 0 && stillFailed(before, data))) return before;
  return { ...before, state: 'delivered', channel, recipient, failure: null, retrying: false };
}

/** Somebody else has it now; whom it did not reach still has not. */
function stillFailed(
  before: Delivery,
  { channel, recipient }: EventData['message_delivered'],
): boolean {
  return (
    before.state === 'failed' && (before.channel !== channel || before.recipient !== recipient)
  );
}

export function withRefusal(known: Delivery | null, data: EventData['message_failed']): Delivery {
  const { message_id: id, channel, recipient, detail: failure, final } = data;
  const before = known?.messageId === id ? known : deliveryOf(id, 'approved');
  if (before.state === 'acknowledged') return before;
  if (data.step > 0 && (before.own || before.state === 'delivered')) return before;
  // Of those on call, the next one is tried: nothing is lost while one is left.
  const over = final && (data.step === 0 || !isClimbing(before));
  return {
    ...before,
    state: over ? 'failed' : 'approved',
    channel,
    recipient,
    failure,
    retrying: !final,
  };
}

function isClimbing({ escalation }: Delivery): boolean {
  return escalation === undefined || escalation.startsWith('running');
}

export function withEscalation(
  before: Delivery,
  { state: climbing, step }: EventData['escalation_moved'],
): Delivery {
  const moved = { ...before, escalation: `${climbing} ${step}` };
  if (before.own || before.state === 'delivered' || before.state === 'acknowledged') return moved;
  if (climbing === 'running') return { ...moved, state: 'approved' };
  // One that is still being tried may yet take it.
  const refused = before.failure !== null && !before.retrying;
  return { ...moved, state: refused ? 'failed' : before.state };
}

export function withAcknowledgement(before: Delivery): Delivery {
  return { ...before, state: 'acknowledged', failure: null, retrying: false };
}
