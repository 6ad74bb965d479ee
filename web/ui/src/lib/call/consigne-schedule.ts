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

/* Days are those of the client's calendar, wherever the browser is: the service tells moments by
   the client's clock, and takes a moment without offset for one of it. */

/** The day (`2026-03-18`) of a moment of the client's. */
export function dayOf(moment: string): string {
  return moment.slice(0, 10);
}

/** What the client's clock shows at a moment (`2026-03-18T09:30`), as a browser's field takes it. */
export function clockOf(moment: string): string {
  return moment.slice(0, 16);
}

/** The last day of a period whose end is excluded. */
export function lastDayOf(until: string): string {
  return until.slice(11, 19) === '00:00:00' ? daysAfter(dayOf(until), -1) : dayOf(until);
}

/** The first moment of a day. */
export function startOf(day: string): string {
  return `${day}T00:00:00`;
}

/** The first moment after a day. */
export function endOf(day: string): string {
  return startOf(daysAfter(day, 1));
}

function daysAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
