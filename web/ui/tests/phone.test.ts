import { describe, expect, it } from 'vitest';
import { canonical, isIncomplete, readable } from '../src/lib/call/phone';

describe('phone numbers', () => {
  it.each([
    ['06 39 98 01 42', '+33639980142'],
    ['06.39.98.01.42', '+33639980142'],
    ['0033 6 39 98 01 42', '+33639980142'],
    ['+33 (0)6 39 98 01 42', '+33639980142'],
    ['+32 2 555 12 12', '+3225551212'],
    ['06 39', '06 39'],
    [' poste 12 ', 'poste 12'],
  ])('%s is kept as %s', (typed, kept) => {
    expect(canonical(typed)).toBe(kept);
  });

  it('are read the way they are said', () => {
    expect(readable('+33639980142')).toBe('06 39 98 01 42');
    expect(readable('+3225551212')).toBe('+3225551212');
  });

  it.each(['06 39 98 01 4', '06 39 98 01 422', '+3363998014', '06', 'poste 12'])(
    '%s is not a whole number',
    (typed) => {
      expect(isIncomplete(typed)).toBe(true);
    },
  );

  it.each(['06 39 98 01 42', '+33639980142', '+3225551212', '0032 2 555 12 12'])(
    '%s is a whole number',
    (typed) => {
      expect(isIncomplete(typed)).toBe(false);
    },
  );

  it('come back the same from reading', () => {
    for (const number of ['+33199001234', '+33639980142', '+33536490611']) {
      expect(canonical(readable(number))).toBe(number);
    }
  });
});
