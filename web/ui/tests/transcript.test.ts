import { describe, expect, it } from 'vitest';
import {
  rowsOf,
  turnsOf,
  withoutHeard,
  withUtterance,
  type Hearing,
  type Turn,
  type Utterance,
} from '../src/lib/call/transcript';

function utterance(leg: 'caller' | 'operator', n: number, start_s: number, text = `${n}`): Utterance {
  return { id: `${leg}-${n}`, leg, text, start_s, end_s: start_s + 1, confidence: 0.9, words: [] };
}

function hearing(leg: 'caller' | 'operator', n: number, start_s: number): Hearing {
  return {
    leg,
    utteranceId: `${leg}-${n}`,
    settled: 'oui',
    provisional: 'alors',
    start_s,
    end_s: start_s + 1,
  };
}

const told = (turns: readonly Turn[]) =>
  turns.map((turn) => [turn.leg, turn.utterances.map((one) => one.id)]);

describe('turns', () => {
  it('merge consecutive utterances of a leg', () => {
    const said = [
      utterance('operator', 1, 0),
      utterance('caller', 1, 2),
      utterance('caller', 2, 4),
      utterance('operator', 2, 6),
    ];
    expect(told(turnsOf(said))).toEqual([
      ['operator', ['operator-1']],
      ['caller', ['caller-1', 'caller-2']],
      ['operator', ['operator-2']],
    ]);
  });

  it('come out the same whatever the order of the finals', () => {
    const said = Array.from({ length: 40 }, (_, n) =>
      utterance(n % 3 === 0 ? 'operator' : 'caller', n, n * 1.5),
    );
    const inOrder = turnsOf(said);
    let seed = 7;
    for (let round = 0; round < 50; round += 1) {
      const shuffled = said
        .map((one) => {
          seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
          return { one, key: seed };
        })
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one);
      const turns = shuffled.reduce<Turn[]>((so_far, one) => withUtterance(so_far, one), []);
      expect(turns).toEqual(inOrder);
    }
  });

  it('leave earlier turns untouched when the latest is added', () => {
    const turns = turnsOf([utterance('operator', 1, 0), utterance('caller', 1, 2)]);
    const next = withUtterance(turns, utterance('caller', 2, 4));
    expect(next[0]).toBe(turns[0]);
    expect(next[1]?.id).toBe('caller-1');
  });

  it('take a final said again as a correction', () => {
    const turns = turnsOf([utterance('caller', 1, 0, 'bonjour'), utterance('caller', 2, 2)]);
    const next = withUtterance(turns, utterance('caller', 1, 0, 'bonsoir'));
    expect(next[0]?.utterances.map((one) => one.text)).toEqual(['bonsoir', '2']);
  });
});

describe('rows', () => {
  it('continue the last turn with what is being heard on its leg', () => {
    const rows = rowsOf(turnsOf([utterance('caller', 1, 0)]), { caller: hearing('caller', 2, 2) });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.hearing?.utteranceId).toBe('caller-2');
  });

  it('show both voices when two people speak at once, the first to speak first', () => {
    const rows = rowsOf(turnsOf([utterance('caller', 1, 0)]), {
      caller: hearing('caller', 2, 3),
      operator: hearing('operator', 1, 2),
    });
    expect(rows.map((row) => row.id)).toEqual(['caller-1', 'operator-1', 'caller-2']);
  });

  it('keep the id of a provisional turn once it is final', () => {
    const heard = { operator: hearing('operator', 1, 2) };
    const before = rowsOf([], heard)[0]?.id;
    const after = rowsOf(turnsOf([utterance('operator', 1, 2)]), {})[0]?.id;
    expect(after).toBe(before);
  });

  it('keep the same row for an unchanged turn', () => {
    const turns = turnsOf([utterance('operator', 1, 0), utterance('caller', 1, 2)]);
    const before = rowsOf(turns, {});
    const after = rowsOf(turns, { caller: hearing('caller', 2, 4) });
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});

describe('hearings', () => {
  it('end with their final, and with a later final of their leg', () => {
    const heard = { caller: hearing('caller', 2, 2), operator: hearing('operator', 1, 2) };
    expect(withoutHeard(heard, utterance('caller', 2, 2))).toEqual({ operator: heard.operator });
    expect(withoutHeard(heard, utterance('caller', 3, 5))).toEqual({ operator: heard.operator });
  });

  it('outlive the final of an earlier utterance', () => {
    const heard = { caller: hearing('caller', 2, 5) };
    expect(withoutHeard(heard, utterance('caller', 1, 1))).toBe(heard);
  });
});
