import { describe, expect, it } from 'vitest';
import type { CallDetail, EventData, EventView } from '../src/lib/api/types';
import { apply, EMPTY_LOG, fromDetail, withEarlier } from '../src/lib/call/log';
import { Teller } from './events';

const field = (name: string, value: string): EventData['draft_changed']['fields'][number] => ({
  name,
  value,
  confidence: 0.9,
  utterance_id: 'caller-1',
  read_back: false,
  edited: false,
  doubt: null,
  doubt_utterance_id: null,
  doubt_whole: false,
  evidence: null,
});

function wholeCall(): EventView[] {
  const call = new Teller();
  return [
    call.tell('call_ringing', {
      client_id: 'c1',
      client_name: 'Plomberie Vasseur',
      dialled: '+33199001001',
      caller_number: '+33639980142',
      caller_name: null,
      forwarded_from: null,
      source: 'sip',
    }),
    call.tell('call_answered', { operator_id: 'o1', operator_name: 'Camille Laurent' }),
    call.hearing('operator', 1, '', 'bon', 0),
    call.said('operator', 1, 'Bonjour.', 0),
    call.hearing('caller', 1, 'bonjour', 'j’ai', 2),
    call.said('caller', 1, 'Bonjour, j’ai une fuite.', 2),
    call.offered('s1', 'caller-1', 'e1', 'e2'),
    call.tell('draft_changed', { fields: [field('reason', 'fuite')] }),
    call.tell('trouble', { part: 'recognition', code: 'lost', detail: '', recovered: false }),
    call.tell('trouble', { part: 'recognition', code: 'lost', detail: '', recovered: true }),
    call.tell('call_ended', { ended_by: 'caller', reason: 'normal', duration_s: 12 }),
    call.tell('message_approved', { message_id: 'm1', operator_id: 'o1', recipients: 2 }),
    call.tell('message_delivered', {
      message_id: 'm1',
      channel: 'email',
      recipient: 'a@example.fr',
      step: 0,
    }),
  ];
}

describe('a call told by its events', () => {
  it('is on hold, or muted, as it was last told', () => {
    const call = new Teller();
    const held = call.tell('call_held', { held: true, operator_id: 'o1' });
    const muted = call.tell('operator_muted', { muted: true, operator_id: 'o1' });
    const before = apply(EMPTY_LOG, [held, muted]);
    expect(before).toMatchObject({ held: true, muted: true });
    const back = call.tell('call_held', { held: false, operator_id: 'o1' });
    expect(apply(before, [back])).toMatchObject({ held: false, muted: true });
  });

  it('ends as it went', () => {
    const log = apply(EMPTY_LOG, wholeCall());
    expect(log).toMatchObject({
      lastSeq: 13,
      state: 'ended',
      operatorName: 'Camille Laurent',
      ending: { by: 'caller', duration_s: 12 },
      hearings: {},
      troubles: {},
      delivery: { messageId: 'm1', state: 'delivered', recipient: 'a@example.fr' },
    });
    expect(log.turns.map((turn) => turn.leg)).toEqual(['operator', 'caller']);
    expect(log.offers[0]?.cards.map((card) => card.entry_id)).toEqual(['e1', 'e2']);
  });

  it('is the same in whatever batches the events come', () => {
    const events = wholeCall();
    const whole = apply(EMPTY_LOG, events);
    for (let cut = 0; cut <= events.length; cut += 1) {
      const parts = apply(apply(EMPTY_LOG, events.slice(0, cut)), events.slice(cut));
      expect(parts).toEqual(whole);
    }
  });

  it('is the same when a resumed socket says things again', () => {
    const events = wholeCall();
    const whole = apply(EMPTY_LOG, events);
    for (let from = 0; from < events.length; from += 1) {
      expect(apply(whole, events.slice(from))).toBe(whole);
    }
  });

  it('passes over what this page does not know', () => {
    const unknown = { kind: 'weather_changed', call_id: 'call-1', seq: 1, at: '', data: {} };
    const log = apply(EMPTY_LOG, [unknown as unknown as EventView]);
    expect(log).toEqual({ ...EMPTY_LOG, lastSeq: 1 });
  });
});

describe('partials', () => {
  it('replace one another and vanish when empty', () => {
    const call = new Teller();
    const first = apply(EMPTY_LOG, [call.hearing('caller', 1, '', 'bon', 0)]);
    const second = apply(first, [call.hearing('caller', 1, 'bonjour', 'ma', 0)]);
    expect(second.hearings.caller).toMatchObject({ settled: 'bonjour', provisional: 'ma' });
    expect(apply(second, [call.hearing('caller', 1, '', ' ', 0)]).hearings).toEqual({});
  });

  it('do not come back after their final', () => {
    const call = new Teller();
    const log = apply(EMPTY_LOG, [
      call.said('caller', 1, 'Bonjour.', 0),
      call.hearing('caller', 1, 'bonjour', '', 0),
    ]);
    expect(log.hearings).toEqual({});
  });
});

describe('offers', () => {
  it('come one below the other, an answer offered twice in a row once', () => {
    const call = new Teller();
    const log = apply(EMPTY_LOG, [
      call.offered('s1', 'caller-1', 'e1'),
      call.offered('s2', 'caller-2', 'e1', 'e3'),
      call.offered('s3', 'caller-3', 'e2'),
      call.offered('s4', 'caller-4', 'e1'),
    ]);
    expect(log.offers.map((offer) => offer.cards[0]?.entry_id)).toEqual(['e1', 'e2', 'e1']);
    // The element on screen is the first offer's; its cards are the newest.
    expect(log.offers[0]).toMatchObject({ suggestionId: 's1', utteranceId: 'caller-2' });
    expect(log.offers[0]?.cards).toHaveLength(2);
  });
});

describe('a message', () => {
  it('that one channel refuses for now is still on its way', () => {
    const call = new Teller();
    const refused = { message_id: 'm1', channel: 'email', recipient: 'a@example.fr', detail: '451', step: 0 };
    const log = apply(EMPTY_LOG, [
      call.tell('message_approved', { message_id: 'm1', operator_id: 'o1', recipients: 2 }),
      call.tell('message_failed', { ...refused, final: false }),
    ]);
    expect(log.delivery).toMatchObject({ state: 'approved', retrying: true, failure: '451' });
    const failed = apply(log, [call.tell('message_failed', { ...refused, final: true })]);
    expect(failed.delivery).toMatchObject({ state: 'failed', retrying: false });
    const other = { message_id: 'm1', channel: 'email', recipient: 'b@example.fr', step: 0 };
    const another = apply(failed, [call.tell('message_delivered', other)]);
    expect(another.delivery).toMatchObject({ state: 'failed', failure: '451' });
    const mended = apply(another, [
      call.tell('message_delivered', { ...other, recipient: 'a@example.fr' }),
    ]);
    expect(mended.delivery).toMatchObject({ state: 'delivered', failure: null });
  });
});

describe('a long call in pieces', () => {
  const call = new Teller();
  const events: EventView[] = [];
  for (let n = 0; n < 9; n += 1) {
    events.push(call.said(n % 4 < 2 ? 'operator' : 'caller', n, `Parole ${n}.`, n * 2));
    events.push(call.offered(`s${n}`, `caller-${n}`, `e${n}`));
  }
  const whole = apply(EMPTY_LOG, events);

  it.each([2, 6, 8, 10, 16])('is the same whole, cut before its event %i', (cut) => {
    const end = apply(EMPTY_LOG, events.slice(cut));
    const joined = withEarlier(end, events.slice(0, cut));
    expect(joined).toEqual(whole);
    expect(joined.lastSeq).toBe(end.lastSeq);
  });

  it('keeps the turns it had, so that they are not drawn again', () => {
    const end = apply(EMPTY_LOG, events.slice(6));
    expect(withEarlier(end, events.slice(0, 6)).turns.at(-1)).toBe(end.turns.at(-1));
  });

  it('takes no utterance twice, and puts what came late in its place', () => {
    const end = apply(EMPTY_LOG, events.slice(8));
    const joined = withEarlier(end, events.slice(0, 10));
    expect(joined.turns).toEqual(whole.turns);
    const late = new Teller();
    const out = withEarlier(apply(EMPTY_LOG, [late.said('caller', 1, 'Un.', 1)]), [
      late.said('caller', 0, 'Zéro.', 0),
      late.said('operator', 9, 'Après.', 4),
    ]);
    expect(out.turns.flatMap((turn) => turn.utterances.map((one) => one.text))).toEqual([
      'Zéro.',
      'Un.',
      'Après.',
    ]);
  });
});

describe('the detail of a call', () => {
  it('never goes back on what its events have told', () => {
    const call = new Teller();
    const events = [
      call.tell('call_answered', { operator_id: 'o1', operator_name: 'Camille Laurent' }),
    ];
    const record = (state: string) =>
      fromDetail({
        call: { state, answered_at: null, operator_name: null },
        draft: [],
        message: null,
        events,
      } as unknown as CallDetail).state;
    expect(record('ringing')).toBe('live');
    expect(record('ended')).toBe('ended');
  });

  it('knows more than its events: the message read since', () => {
    const events = wholeCall();
    const detail = {
      call: { state: 'ended', answered_at: '2026-01-01T10:00:00Z', operator_name: 'Camille Laurent' },
      draft: [],
      message: { id: 'm1', state: 'acknowledged', failure: null },
      events,
    } as unknown as CallDetail;
    const log = fromDetail(detail);
    expect(log.delivery).toMatchObject({ state: 'acknowledged', recipient: 'a@example.fr' });
    expect(log.draft).toEqual([field('reason', 'fuite')]);
    expect(log.lastSeq).toBe(13);
  });

  it('knows the language a leg turned out to speak', () => {
    const call = new Teller();
    const changed = call.tell('language_changed', {
      leg: 'caller',
      language: 'en',
      utterance_id: 'caller-1',
    });
    expect(apply(EMPTY_LOG, [changed]).languages).toEqual({ caller: 'en' });
  });

  it('knows what is to be asked and whether nobody is heard', () => {
    const call = new Teller();
    const guidance = { missing: ['phone'], checklist: [], next_step: null };
    const before = apply(EMPTY_LOG, [
      call.tell('call_answered', { operator_id: 'o1', operator_name: 'Camille Laurent' }),
      call.hearing('caller', 1, 'bon', 'jour', 0),
      call.tell('guidance_changed', guidance),
    ]);
    expect([before.guidance, before.paused]).toEqual([guidance, false]);
    const paused = call.tell('transcription_paused', { paused: true, operator_id: 'o1' });
    const during = apply(before, [paused]);
    expect([during.paused, during.hearings]).toEqual([true, {}]);
    const resumed = call.tell('transcription_paused', { paused: false, operator_id: 'o1' });
    expect(apply(during, [resumed]).paused).toBe(false);
  });
});
