import { describe, expect, it } from 'vitest';
import { grade, marked, spanned } from '../src/lib/call/marking';

const shown = (text: string, words: string[]) =>
  marked(text, words)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('');

describe('marking', () => {
  it('finds words whatever their case and accents', () => {
    expect(shown('Êtes-vous OUVERTS le samedi ?', ['etes', 'ouverts'])).toBe(
      '[Êtes]-vous [OUVERTS] le samedi ?',
    );
  });

  it('marks whole words only', () => {
    expect(shown('le samedi et les samedis', ['samedi'])).toBe('le [samedi] et les samedis');
  });

  it('takes words in a phrase one by one, and ligatures apart', () => {
    expect(shown('le coût du contrôle d’œuvre', ['coût contrôle', 'oeuvre'])).toBe(
      'le [coût] du [contrôle] d’[œuvre]',
    );
  });

  it('loses nothing of the text', () => {
    const text = 'Aujourd’hui, c’est 12,50 € — TTC (l’unité).';
    const parts = marked(text, ['12', 'unité']);
    expect(parts.map((part) => part.text).join('')).toBe(text);
  });
});

describe('grades', () => {
  it('put confidence in words', () => {
    expect([0.95, 0.8, 0.7, 0.6, 0.3].map(grade)).toEqual([
      'high',
      'high',
      'medium',
      'medium',
      'low',
    ]);
  });
});

describe('spans', () => {
  it('cut the text where they start and end, and lose nothing', () => {
    const cut = spanned('la chaudière fuit', [
      [13, 17],
      [3, 12],
    ]);
    expect(cut.filter((part) => part.marked).map((part) => part.text)).toEqual([
      'chaudière',
      'fuit',
    ]);
    expect(cut.map((part) => part.text).join('')).toBe('la chaudière fuit');
  });

  it('count characters, not halves of them', () => {
    expect(spanned('🙂 fuite', [[2, 7]]).at(-1)).toEqual({ text: 'fuite', marked: true });
  });

  it('beyond the text or over each other still lose nothing', () => {
    const cut = spanned('abc', [
      [0, 2],
      [1, 9],
      [5, 6],
    ]);
    expect(cut.map((part) => part.text).join('')).toBe('abc');
  });
});
