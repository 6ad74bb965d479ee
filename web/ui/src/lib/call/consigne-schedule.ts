/** When a consigne holds, in words; and a period of days as the service keeps it. */
import type { ConsigneView } from '../api/types';
import type { Dictionary } from '../i18n/fr';

type Schedule = Pick<
  ConsigneView,
  'weekdays' | 'from_time' | 'until_time' | 'holidays' | 'valid_from' | 'valid_until'
>;

/** `09:00:00` as people write it. */
export function shortTime(time: string): string {
  return time.slice(0, 5);
}

/** The weekly part of a schedule: "lundi, mardi, de 09:00 à 12:00"; empty when it always holds. */
export function weekly(schedule: Schedule, words: Dictionary['consigneEditor']): string {
  const parts: string[] = [];
  if (schedule.weekdays.length > 0 && schedule.weekdays.length < 7) {
    parts.push(schedule.weekdays.map((day) => words.days[day - 1]).join(', '));
  }
  if (schedule.from_time && schedule.until_time) {
    parts.push(words.hours(shortTime(schedule.from_time), shortTime(schedule.until_time)));
  }
  if (schedule.holidays !== 'any') parts.push(words.holidayChoices[schedule.holidays].toLowerCase());
  return parts.join(' · ');
}

const DAY_MS = 86_400_000;

/** The local day (`2026-03-18`) of a moment. */
export function dayOf(moment: string): string {
  return new Date(moment).toLocaleDateString('sv');
}

/** The last local day of a period whose end is excluded. */
export function lastDayOf(until: string): string {
  return new Date(Date.parse(until) - 1).toLocaleDateString('sv');
}

/** The first moment of a local day. */
export function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}

/** The first moment after a local day. */
export function endOf(day: string): string {
  // Noon to noon: a day of 23 or 25 hours still ends with itself.
  const next = new Date(Date.parse(`${day}T12:00:00`) + DAY_MS).toLocaleDateString('sv');
  return startOf(next);
}
