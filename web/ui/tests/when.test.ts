import { describe, expect, it } from 'vitest';
import { canonicalWhen, kept, parseKept, typed } from '../src/lib/call/when';

const TODAY = '2026-03-17';

describe('moments', () => {
  it.each([
    '2026-03-18',
    '2026-03-18T14:30',
    '2026-03-18T14:00/18:00',
    '2026-06-16/2026-06-19',
    '1980-02-29',
  ])('%s is typed and read back the same', (text) => {
    expect(canonicalWhen(typed(text), '0000-01-01')).toBe(text);
    const when = parseKept(text);
    expect(when && kept(when)).toBe(text);
  });

  it.each([
    ['18/03', '2026-03-18'],
    ['17/03', '2026-03-17'],
    ['16/03', '2027-03-16'],
    ['18/03 14h30', '2026-03-18T14:30'],
    ['18/03/26 14h', '2026-03-18T14:00'],
    ['18/3/2026, 8:05', '2026-03-18T08:05'],
    ['18/03 14h-18h', '2026-03-18T14:00/18:00'],
    ['18/03 de 14h à 18h30', '2026-03-18T14:00/18:30'],
    ['16/06 - 19/06', '2026-06-16/2026-06-19'],
    ['30/12 au 02/01', '2026-12-30/2027-01-02'],
    ['29/02', '2028-02-29'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalWhen(text, TODAY)).toBe(expected);
  });

  it.each(['mardi matin', '31/02/2026', '18/03 25h', '18/13', '18', '', '18/03 14h-18h demain'])(
    '"%s" stays as typed',
    (text) => {
      expect(canonicalWhen(text, TODAY)).toBe(text);
    },
  );
});
