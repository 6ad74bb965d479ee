import { describe, expect, it } from 'vitest';
import { timedWords } from '../src/lib/call/timed-words';
import type { Turn } from '../src/lib/call/transcript';
import { afterSilence, silencesOf } from '../src/recording/silences';

const turn = (id: string, ...spans: [number, number][]): Turn => ({
  id,
  leg: 'caller',
  utterances: spans.map(([start_s, end_s], at) => ({
    id: `${id}-${at}`,
    leg: 'caller',
    text: 'x',
    start_s,
    end_s,
    confidence: 0.9,
    words: [],
  })),
});

describe('silences', () => {
  it('are where neither of the two speaks, long enough to be worth a jump', () => {
    const turns = [turn('a', [5, 8]), turn('b', [6, 9], [9.5, 11]), turn('c', [30, 31])];
    const found = silencesOf(turns, 0, 40);
    expect(found).toEqual([
      { from_s: 0.4, to_s: 4.6 },
      { from_s: 11.4, to_s: 29.6 },
      { from_s: 31.4, to_s: 39.6 },
    ]);
    expect(afterSilence(found, 15)).toBe(29.6);
    expect(afterSilence(found, 7)).toBeNull();
    expect(afterSilence(found, 29.5)).toBeNull();
  });

  it('are none in a call that is all talk', () => {
    expect(silencesOf([turn('a', [0, 10])], 0, 10)).toEqual([]);
  });
});

describe('words and their times', () => {
  const heard = ['zéro', 'un', 'quatre', 'vingt', 'merci'].map((text, at) => ({
    text,
    start_s: 10 + at,
    end_s: 11 + at,
  }));

  it('are those heard, where as many are shown', () => {
    const words = timedWords('Zéro, un quatre vingt. Merci !'.replace(' !', '!'), heard, 10, 15);
    expect(words.map((word) => word.start_s)).toEqual([10, 11, 12, 13, 14]);
  });

  it('stand as far along, where numbers are written otherwise', () => {
    const words = timedWords('01 80 merci', heard, 10, 15);
    expect(words.map((word) => word.text)).toEqual(['01', '80', 'merci']);
    expect(words[0]?.start_s).toBe(10);
    expect(words[2]?.start_s).toBe(14);
    const times = words.map((word) => word.start_s);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('are spread over the utterance where none are known', () => {
    const words = timedWords('un deux trois', [], 4, 8);
    expect(words[0]?.start_s).toBeGreaterThanOrEqual(4);
    expect(words[2]?.start_s).toBeLessThan(8);
    expect(timedWords('', [], 0, 1)).toEqual([]);
  });
});
