/** Opening hours as people type them: `09:00-12:00, 14:00-18:00`. */
import type { WelcomeView } from '../lib/api/types';

type Hours = NonNullable<WelcomeView['hours']>;
type Spans = Hours['week'][number];

export class UnreadableHours extends Error {}

export function spansText(spans: Spans): string {
  return spans.map((span) => `${span.from_time}-${span.until_time}`).join(', ');
}

/** Throws `UnreadableHours` with the part that makes no sense. */
export function spansOf(text: string): Spans {
  const parts = text.split(/[,;]/).map((part) => part.trim());
  return parts.filter(Boolean).map((part) => {
    const found = /^(\d{1,2})[:h]?(\d{2})?\s*[-–]\s*(\d{1,2})[:h]?(\d{2})?$/.exec(part);
    if (!found) throw new UnreadableHours(part);
    const [, h1 = '', m1 = '00', h2 = '', m2 = '00'] = found;
    return { from_time: `${h1.padStart(2, '0')}:${m1}`, until_time: `${h2.padStart(2, '0')}:${m2}` };
  });
}

export function specialText(special: Hours['special']): string {
  const lines = (special ?? []).map((one) => `${one.day} ${spansText(one.spans)}`.trim());
  return lines.join('\n');
}

/** Throws `UnreadableHours` with the line that makes no sense. */
export function specialOf(text: string): NonNullable<Hours['special']> {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const found = /^(\d{4}-\d{2}-\d{2})\s*(.*)$/.exec(line);
    if (!found) throw new UnreadableHours(line);
    return { day: found[1] ?? '', spans: spansOf(found[2] ?? ''), label: '' };
  });
}
