import { expect, test } from 'vitest';

import { daysOf, iso, today } from '../src/lib/reports/days';

test('a report of the week ends on the day it is in Paris, wherever the browser is', () => {
  const night = new Date('2026-11-22T23:05:00Z');
  expect(iso(today(night))).toBe('2026-11-23');
  expect(daysOf('week', today(night))).toEqual({ first: '2026-11-17', last: '2026-11-23' });
  expect(iso(today(new Date('2026-07-14T21:59:00Z')))).toBe('2026-07-14');
});
