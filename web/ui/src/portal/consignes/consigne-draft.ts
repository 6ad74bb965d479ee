/** A consigne as it is typed, and what is sent of it. */
import type { ConsigneInput, ConsigneView } from '../../lib/api/types';
import { dayOf, endOf, lastDayOf, shortTime, startOf } from '../../lib/call/consigne-schedule';

/** A consigne as its form holds it: days and times are those of the client's clock. */
export interface ConsigneDraft {
  title: string;
  body: string;
  kind: ConsigneInput['kind'];
  topic: string;
  from: string;
  until: string;
  weekdays: number[];
  fromTime: string;
  untilTime: string;
  holidays: ConsigneInput['holidays'];
  /** Of the consigne that was changed; 0 for a new one. A newer one is never written over. */
  version: number;
}

/** The consigne in its form; null for a new one. */
export function draftOf(consigne: ConsigneView | null): ConsigneDraft {
  return {
    title: consigne?.title ?? '',
    body: consigne?.body ?? '',
    kind: consigne?.kind ?? 'consigne',
    topic: consigne?.topic ?? '',
    from: consigne?.valid_from ? dayOf(consigne.valid_from) : '',
    until: consigne?.valid_until ? lastDayOf(consigne.valid_until) : '',
    weekdays: consigne?.weekdays ?? [],
    fromTime: consigne?.from_time ? shortTime(consigne.from_time) : '',
    untilTime: consigne?.until_time ? shortTime(consigne.until_time) : '',
    holidays: consigne?.holidays ?? 'any',
    version: consigne?.version ?? 0,
  };
}

export function sameDraft(one: ConsigneDraft, other: ConsigneDraft): boolean {
  const content = ({ version: _, weekdays, ...fields }: ConsigneDraft) =>
    JSON.stringify([Object.entries(fields).sort(), weekdays.toSorted((a, b) => a - b)]);
  return content(one) === content(other);
}

/** What to send. */
export function written(draft: ConsigneDraft, consigne: ConsigneView | null): ConsigneInput {
  const before = draftOf(consigne);
  /** A moment kept to the minute is not lost because the form shows days. */
  const kept = (day: string, same: string, moment: string | null | undefined, bound: string) =>
    !day ? null : moment && day === same ? moment : bound;
  return {
    title: draft.title.trim(),
    body: draft.body.trim(),
    kind: draft.kind,
    topic: draft.topic.trim(),
    valid_from: kept(draft.from, before.from, consigne?.valid_from, draft.from && startOf(draft.from)),
    valid_until: kept(draft.until, before.until, consigne?.valid_until, draft.until && endOf(draft.until)),
    weekdays: draft.weekdays.toSorted((a, b) => a - b),
    from_time: draft.fromTime || null,
    until_time: draft.untilTime || null,
    holidays: draft.holidays,
  };
}
