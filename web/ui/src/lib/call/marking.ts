/** Which parts of a text are among given words, for marking why an answer is offered. */

export interface Stretch {
  text: string;
  marked: boolean;
}

/** Compared without case or accents: recognition and the client's text differ on both. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/œ/gi, 'oe')
    .toLowerCase();
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The text cut where marking starts and stops. Joined, the stretches are the text. With `parts`,
 * words are marked that only begin or contain a wanted one, as a search finds them.
 */
export function marked(text: string, words: readonly string[], parts = false): Stretch[] {
  const wanted = new Set(words.flatMap((word) => plain(word).match(WORD) ?? []));
  const isWanted = (word: string) =>
    parts ? [...wanted].some((one) => word.includes(one)) : wanted.has(word);
  const stretches: Stretch[] = [];
  const push = (part: string, isMarked: boolean) => {
    if (part === '') return;
    const last = stretches.at(-1);
    if (last && last.marked === isMarked) last.text += part;
    else stretches.push({ text: part, marked: isMarked });
  };
  let from = 0;
  for (const found of text.matchAll(WORD)) {
    push(text.slice(from, found.index), false);
    push(found[0], isWanted(plain(found[0])));
    from = found.index + found[0].length;
  }
  push(text.slice(from), false);
  return stretches;
}

/** The text cut at these spans, `[start, end)` in characters as Python counts them. */
export function spanned(text: string, spans: readonly (readonly [number, number])[]): Stretch[] {
  const characters = Array.from(text);
  const stretches: Stretch[] = [];
  let from = 0;
  const push = (until: number, isMarked: boolean) => {
    if (until > from) {
      stretches.push({ text: characters.slice(from, until).join(''), marked: isMarked });
      from = until;
    }
  };
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    push(Math.min(start, characters.length), false);
    push(Math.min(end, characters.length), true);
  }
  push(characters.length, false);
  return stretches;
}

/** A confidence in words: sure enough to read out, worth a look, or barely better than silence. */
export type Grade = 'high' | 'medium' | 'low';

export function grade(confidence: number): Grade {
  if (confidence >= 0.8) return 'high';
  return confidence >= 0.6 ? 'medium' : 'low';
}
