import { describe, expect, it } from 'vitest';
import { apply, EMPTY_LOG, type CallLog } from '../src/lib/call/log';
import { afterApproval } from '../src/lib/call/delivery';
import type { EventView, MessageView } from '../src/lib/api/types';
import { Teller } from './events';

const OWN = { message_id: 'm1', channel: 'email', recipient: 'accueil@example.fr', step: 0 };
const RUNG = { message_id: 'm1', channel: 'sms', recipient: '+33639980107', step: 1 };
const REFUSED = { detail: '550 no such mailbox', final: true };

function after(recipients: number | null, tell: (call: Teller) => EventView[]): CallLog['delivery'] {
  const call = new Teller();
  const approved = call.tell('message_approved', { message_id: 'm1', operator_id: 'o1', recipients });
  return apply(EMPTY_LOG, [approved, ...tell(call)]).delivery;
}

const moved = (call: Teller, state: 'running' | 'exhausted' | 'stopped', step: number): EventView =>
  call.tell('escalation_moved', { message_id: 'm1', state, step, steps: 2, contact: 'Léa', next_at: null });

describe('a message with recipients of its own', () => {
  it.each([1, null])('is not failed by somebody on call who is not reached (%s)', (recipients) => {
    const delivery = after(recipients, (call) => [
      call.tell('message_delivered', OWN),
      moved(call, 'running', 1),
      call.tell('message_failed', { ...RUNG, ...REFUSED }),
      moved(call, 'exhausted', 2),
    ]);
    expect(delivery).toMatchObject({ state: 'delivered', failure: null, escalation: 'exhausted 2' });
  });

  it('is on its way while it waits for its digest, whoever on call was reached', () => {
    const delivery = after(1, (call) => [
      moved(call, 'running', 1),
      call.tell('message_delivered', RUNG),
    ]);
    expect(delivery).toMatchObject({ state: 'approved', recipient: null });
  });

  it('stays failed when somebody on call is reached', () => {
    const delivery = after(1, (call) => [
      call.tell('message_failed', { ...OWN, ...REFUSED }),
      moved(call, 'running', 1),
      call.tell('message_delivered', RUNG),
    ]);
    expect(delivery).toMatchObject({ state: 'failed', recipient: 'accueil@example.fr' });
  });
});

describe('a message for whoever is on call alone', () => {
  it('is on its way while somebody is left to try', () => {
    const delivery = after(0, (call) => [
      moved(call, 'running', 1),
      call.tell('message_failed', { ...RUNG, ...REFUSED }),
      moved(call, 'running', 2),
    ]);
    expect(delivery).toMatchObject({ state: 'approved', failure: '550 no such mailbox' });
  });

  it('is delivered by the first who gets it', () => {
    const delivery = after(0, (call) => [
      moved(call, 'running', 1),
      call.tell('message_failed', { ...RUNG, ...REFUSED }),
      moved(call, 'running', 2),
      call.tell('message_delivered', { ...RUNG, step: 2 }),
      moved(call, 'exhausted', 2),
    ]);
    expect(delivery).toMatchObject({ state: 'delivered', failure: null });
  });

  it('has failed when nobody of the ladder was reached, whichever is told first', () => {
    const told = (late: boolean) =>
      after(0, (call) => {
        const one = call.tell('message_failed', { ...RUNG, ...REFUSED });
        const two = () => call.tell('message_failed', { ...RUNG, step: 2, ...REFUSED });
        if (!late) return [one, two(), moved(call, 'exhausted', 2)];
        const over = moved(call, 'exhausted', 2);
        return [one, over, two()];
      });
    expect(told(false)).toMatchObject({ state: 'failed', retrying: false });
    expect(told(true)).toMatchObject({ state: 'failed', retrying: false });
  });

  it('is not failed while its last try is under way', () => {
    const delivery = after(0, (call) => [
      moved(call, 'running', 1),
      call.tell('message_failed', { ...RUNG, ...REFUSED, final: false }),
      moved(call, 'exhausted', 1),
    ]);
    expect(delivery).toMatchObject({ state: 'approved', retrying: true });
  });
});

describe('an acknowledged message', () => {
  it('stays so, whatever is told of tries that were under way', () => {
    const delivery = after(1, (call) => [
      call.tell('message_delivered', OWN),
      call.tell('message_acknowledged', { message_id: 'm1', by: 'Léa' }),
      call.tell('message_failed', { ...OWN, recipient: 'b@example.fr', ...REFUSED }),
      call.tell('message_delivered', { ...OWN, recipient: 'c@example.fr' }),
    ]);
    expect(delivery).toMatchObject({ state: 'acknowledged', failure: null });
  });
});

describe('the answer to an approval', () => {
  const sent = { id: 'm1', state: 'approved', failure: null } as MessageView;

  it('does not undo a refusal that was told before it came', () => {
    const failed = after(1, (call) => [call.tell('message_failed', { ...OWN, ...REFUSED })]);
    expect(afterApproval(failed, sent)).toMatchObject({ state: 'failed' });
  });

  it('tells of nobody to send to, before or after the event', () => {
    const nobody = { ...sent, state: 'failed', failure: 'Aucun destinataire' } as MessageView;
    const late = afterApproval(after(0, () => []), nobody);
    expect(late).toMatchObject({ state: 'failed', failure: 'Aucun destinataire', own: false });
    const log = { ...EMPTY_LOG, delivery: afterApproval(null, nobody) };
    const event = new Teller().tell('message_approved', {
      message_id: 'm1',
      operator_id: 'o1',
      recipients: 0,
    });
    expect(apply(log, [event]).delivery).toMatchObject({ state: 'failed', own: false });
  });
});
