import type { Days } from '../api/reports';

/** A local day as `2026-10-25`. */
export function iso(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Where days begin in reports over several companies, as the service counts them. */
const ZONE = 'Europe/Paris';

/** The day it is there, wherever the reader's browser is. */
export function today(now: Date = new Date()): Date {
  const there = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(now);
  return new Date(`${there}T00:00`);
}

export const PRESETS = ['week', 'month', 'before'] as const;
export type Preset = (typeof PRESETS)[number];

/** The days of a preset, seen from a day. */
export function daysOf(preset: Preset, today: Date): Days {
  const year = today.getFullYear();
  const month = today.getMonth();
  if (preset === 'week') {
    return { first: iso(new Date(year, month, today.getDate() - 6)), last: iso(today) };
  }
  if (preset === 'month') return { first: iso(new Date(year, month, 1)), last: iso(today) };
  return { first: iso(new Date(year, month - 1, 1)), last: iso(new Date(year, month, 0)) };
}
