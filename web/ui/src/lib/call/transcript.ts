/** The transcript: utterances in the order they were said, merged into turns of one voice. */
import type { EventData, LegRole } from '../api/types';
import type { HeardAt } from './timed-words';

export interface Utterance {
  id: string;
  leg: LegRole;
  text: string;
  start_s: number;
  end_s: number;
  confidence: number;
  /** As they were heard, with their times; none in older logs. */
  words: readonly HeardAt[];
}

/** Consecutive utterances of one leg. Its id is that of its first utterance, and never changes. */
export interface Turn {
  id: string;
  leg: LegRole;
  utterances: readonly Utterance[];
}

/** What is heard so far on one leg. */
export interface Hearing {
  leg: LegRole;
  utteranceId: string;
  settled: string;
  provisional: string;
  start_s: number;
  end_s: number;
}

export type Hearings = Partial<Record<LegRole, Hearing>>;

/** A turn as shown: with what is still being heard at its end. */
export interface Row {
  id: string;
  leg: LegRole;
  start_s: number;
  utterances: readonly Utterance[];
  hearing: Hearing | null;
}

export function utteranceOf(heard: EventData['utterance_heard']): Utterance {
  return {
    id: heard.utterance_id,
    leg: heard.leg,
    text: heard.text,
    start_s: heard.start_s,
    end_s: heard.end_s,
    confidence: heard.confidence,
    words: heard.words ?? [],
  };
}

export function hearingOf(partial: EventData['partial_heard']): Hearing | null {
  if (partial.settled.trim() === '' && partial.provisional.trim() === '') return null;
  return {
    leg: partial.leg,
    utteranceId: partial.utterance_id,
    settled: partial.settled.trim(),
    provisional: partial.provisional.trim(),
    start_s: partial.start_s,
    end_s: partial.end_s,
  };
}

function append(turns: Turn[], utterance: Utterance): void {
  const last = turns.at(-1);
  if (last && last.leg === utterance.leg) {
    turns[turns.length - 1] = { ...last, utterances: [...last.utterances, utterance] };
  } else {
    turns.push({ id: utterance.id, leg: utterance.leg, utterances: [utterance] });
  }
}

function lastStart(turns: readonly Turn[]): number {
  return turns.at(-1)?.utterances.at(-1)?.start_s ?? Number.NEGATIVE_INFINITY;
}

/** Merge utterances, in the order they were said, into turns. */
export function turnsOf(utterances: readonly Utterance[]): Turn[] {
  const turns: Turn[] = [];
  for (const utterance of utterances.toSorted((a, b) => a.start_s - b.start_s)) {
    append(turns, utterance);
  }
  return turns;
}

/**
 * The turns with one more utterance. Usually it is the latest and only the last turn changes; the
 * finals of two people talking at once may come out of order, and a final may be said again.
 */
export function withUtterance(turns: readonly Turn[], utterance: Utterance): Turn[] {
  const known = turns.some((turn) => turn.utterances.some((one) => one.id === utterance.id));
  if (!known && utterance.start_s >= lastStart(turns)) {
    const next = turns.slice();
    append(next, utterance);
    return next;
  }
  const others = turns.flatMap((turn) => turn.utterances).filter((one) => one.id !== utterance.id);
  return turnsOf([...others, utterance]);
}

/** The turns with what was said before them: those that are known stay as they are. */
export function withSaidBefore(
  turns: readonly Turn[],
  utterances: readonly Utterance[],
): readonly Turn[] {
  const known = new Set(turns.flatMap((turn) => turn.utterances.map((one) => one.id)));
  const earlier = turnsOf(utterances.filter((one) => !known.has(one.id)));
  const [first, ...others] = turns;
  const last = earlier.at(-1);
  if (!first || !last) return [...earlier, ...turns];
  if (lastStart(earlier) > (first.utterances[0]?.start_s ?? 0)) {
    return turnsOf([...earlier, ...turns].flatMap((turn) => turn.utterances));
  }
  if (last.leg !== first.leg) return [...earlier, ...turns];
  const joined = { ...last, utterances: [...last.utterances, ...first.utterances] };
  return [...earlier.slice(0, -1), joined, ...others];
}

/** The hearings left once an utterance is final: its own, and any older one of its leg, are over. */
export function withoutHeard(hearings: Hearings, utterance: Utterance): Hearings {
  const hearing = hearings[utterance.leg];
  if (!hearing) return hearings;
  const over = hearing.utteranceId === utterance.id || hearing.start_s < utterance.end_s;
  if (!over) return hearings;
  const next = { ...hearings };
  delete next[utterance.leg];
  return next;
}

const rowsOfTurns = new WeakMap<Turn, Row>();

/** The row of a turn; the same one each time, so that a long transcript is not drawn again. */
function rowOf(turn: Turn): Row {
  const known = rowsOfTurns.get(turn);
  if (known) return known;
  const row: Row = {
    id: turn.id,
    leg: turn.leg,
    start_s: turn.utterances[0]?.start_s ?? 0,
    utterances: turn.utterances,
    hearing: null,
  };
  rowsOfTurns.set(turn, row);
  return row;
}

/** Turns with what is being heard: at the end of the last turn, or as turns to come. */
export function rowsOf(turns: readonly Turn[], hearings: Hearings): Row[] {
  const rows = turns.map(rowOf);
  const heard = Object.values(hearings).toSorted((a, b) => a.start_s - b.start_s);
  for (const hearing of heard) {
    const last = rows.at(-1);
    if (last && last.leg === hearing.leg && last.hearing === null) {
      rows[rows.length - 1] = { ...last, hearing };
    } else {
      rows.push({
        // The id the turn will have once it is final, so that the page keeps its element.
        id: hearing.utteranceId,
        leg: hearing.leg,
        start_s: hearing.start_s,
        utterances: [],
        hearing,
      });
    }
  }
  return rows;
}
