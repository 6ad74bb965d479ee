/** Where nobody speaks, from the words of both people. Pure; seconds of the call's clock. */
import type { Turn } from '../lib/call/transcript';

/** Shorter pauses are part of how people talk. */
const SHORTEST_S = 1.5;
/** Kept before the next word, so that its beginning is heard. */
const LEAD_S = 0.4;

export interface Silence {
  from_s: number;
  to_s: number;
}

export function silencesOf(turns: readonly Turn[], begins_s: number, ends_s: number): Silence[] {
  const said = turns
    .flatMap((turn) => turn.utterances)
    .map(({ start_s, end_s }) => ({ start_s, end_s }))
    .toSorted((a, b) => a.start_s - b.start_s);
  const found: Silence[] = [];
  let until_s = begins_s;
  for (const { start_s, end_s } of [...said, { start_s: ends_s, end_s: ends_s }]) {
    if (start_s - until_s >= SHORTEST_S + LEAD_S) {
      found.push({ from_s: until_s + LEAD_S, to_s: Math.min(start_s, ends_s) - LEAD_S });
    }
    until_s = Math.max(until_s, end_s);
  }
  return found.filter(({ from_s, to_s }) => to_s > from_s);
}

/** Where to go on from a place in a silence; null where somebody speaks. */
export function afterSilence(silences: readonly Silence[], at_s: number): number | null {
  return silences.find(({ from_s, to_s }) => at_s >= from_s && at_s < to_s - 0.2)?.to_s ?? null;
}
