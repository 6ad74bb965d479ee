import { describe, expect, it } from 'vitest';
import { parse, withVoices, written } from '../src/training/script';
import type { LineView } from '../src/lib/api/types';

const line = (speaker: 'caller' | 'operator', text: string, sound: [number, number] | null): LineView => ({
  speaker,
  text,
  pause_s: 0.8,
  sound,
});

const RECORDED = [
  line('operator', 'Bonjour.', [0, 1]),
  line('caller', 'Oui.', [2, 3]),
  line('caller', 'Oui.', [4, 5]),
  line('caller', 'Jean Martin.', null),
];

describe('a recorded call that is edited', () => {
  it('is heard where it still says what was said, each voice once', () => {
    const typed = parse(written(RECORDED).replace('Bonjour.', 'Bonjour !'));
    const sounds = withVoices(typed, RECORDED).map((one) => one.sound ?? null);
    expect(sounds).toEqual([null, [2, 3], [4, 5], null]);
  });

  it('plays a voice no more often than it was recorded', () => {
    const typed = parse('A : Oui.\nA : Oui.\nA : Oui.\nO : Oui.');
    const sounds = withVoices(typed, RECORDED).map((one) => one.sound ?? null);
    expect(sounds).toEqual([[2, 3], [4, 5], null, null]);
  });
});
