/**
 * Moments of a message: a day, a time, a slot or several days, kept as `2026-03-18`,
 * `2026-03-18T14:30`, `2026-03-18T14:00/18:00`, `2026-06-16/2026-06-19`, and typed as
 * `18/03/2026`, `18/03 14h30`, `18/03 14h-18h`, `16/06 - 19/06`.
 */

export interface When {
  day: string;
  /** `HH:MM`, when there is a time. */
  from: string | null;
  until: string | null;
  /** The last day, when there are several. */
  lastDay: string | null;
}

const KEPT =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::\d{2})?(?:\/(\d{2}:\d{2}))?|\/(\d{4}-\d{2}-\d{2}))?$/;

/** A kept moment taken apart, or null when the text is not one. */
export function parseKept(text: string): When | null {
  const found = KEPT.exec(text.trim());
  if (!found || !found[1] || !isDay(found[1])) return null;
  if (found[4] && !isDay(found[4])) return null;
  return {
    day: found[1],
    from: found[2] ?? null,
    until: found[3] ?? null,
    lastDay: found[4] ?? null,
  };
}

export function kept(when: When): string {
  if (when.lastDay) return `${when.day}/${when.lastDay}`;
  if (when.from && when.until) return `${when.day}T${when.from}/${when.until}`;
  return when.from ? `${when.day}T${when.from}` : when.day;
}

/** A day that is in the calendar. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function typedDay(day: string): string {
  const [year, month, date] = day.split('-');
  return `${date}/${month}/${year}`;
}

/** A kept moment as it is typed; other text is itself. */
export function typed(text: string): string {
  const when = parseKept(text);
  if (!when) return text;
  if (when.lastDay) return `${typedDay(when.day)} – ${typedDay(when.lastDay)}`;
  const times = [when.from, when.until].filter(Boolean).join('–');
  return times ? `${typedDay(when.day)} ${times}` : typedDay(when.day);
}

const DAY = String.raw`(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2}|\d{4}))?`;
const TIME = String.raw`(\d{1,2})(?:\s*[h:]\s*(\d{2})?)`;
const DASH = String.raw`\s*(?:-|–|—|à|a|au|to|et)\s*`;
const TYPED_DAYS = new RegExp(`^${DAY}${DASH}${DAY}$`, 'i');
const TYPED_DAY = new RegExp(`^${DAY}(?:[\\s,]+(?:à\\s+|de\\s+)?${TIME}(?:${DASH}${TIME})?)?$`, 'i');

function dayOf(parts: readonly (string | undefined)[], today: string): string | null {
  const [date, month, year] = parts;
  if (!date || !month) return null;
  const write = (full: string) => `${full}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  if (year) {
    const full = write(year.length === 2 ? `20${year}` : year);
    return isDay(full) ? full : null;
  }
  // Without a year: the first such day from today on.
  const thisYear = Number(today.slice(0, 4));
  for (let later = 0; later < 5; later += 1) {
    const full = write(String(thisYear + later));
    if (isDay(full) && full >= today) return full;
  }
  return null;
}

function timeOf(hours: string | undefined, minutes: string | undefined): string | null {
  if (!hours || Number(hours) > 23 || Number(minutes ?? 0) > 59) return null;
  return `${hours.padStart(2, '0')}:${minutes ?? '00'}`;
}

/** What was typed, as it is kept where it can be read as a moment; otherwise as typed. */
export function canonicalWhen(text: string, today: string): string {
  const trimmed = text.trim();
  if (parseKept(trimmed)) return trimmed;
  const days = TYPED_DAYS.exec(trimmed);
  if (days) {
    const first = dayOf(days.slice(1, 4), today);
    const last = dayOf(days.slice(4, 7), first ?? today);
    return first && last ? `${first}/${last}` : trimmed;
  }
  const one = TYPED_DAY.exec(trimmed);
  if (!one) return trimmed;
  const day = dayOf(one.slice(1, 4), today);
  const from = timeOf(one[4], one[5]);
  const until = timeOf(one[6], one[7]);
  if (!day || (one[4] && !from) || (one[6] && !until)) return trimmed;
  return kept({ day, from, until, lastDay: null });
}
