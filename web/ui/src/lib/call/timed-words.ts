/**
 * The words of an utterance as they are shown, each with where it is said. What is shown is not
 * what was heard word by word (numbers are written in digits, names corrected): words that are the
 * same hold the two together, those between take the time of the heard word as far along. Pure.
 */
export interface HeardAt {
  text: string;
  start_s: number;
  end_s: number;
}

export interface TimedWord {
  text: string;
  start_s: number;
}

/** How far ahead the same word is looked for: beyond, it is another one. */
const AHEAD = 12;

export function timedWords(
  text: string,
  words: readonly HeardAt[],
  start_s: number,
  end_s: number,
): TimedWord[] {
  const shown = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    const step_s = (end_s - start_s) / Math.max(shown.length, 1);
    return shown.map((one, at) => ({ text: one, start_s: start_s + at * step_s }));
  }
  const places = placesOf(shown, words);
  return shown.map((one, at) => ({ text: one, start_s: words[places[at] ?? 0]?.start_s ?? start_s }));
}

/** For each shown word, which heard one it stands for; never going back. */
function placesOf(shown: readonly string[], words: readonly HeardAt[]): number[] {
  const places: number[] = [];
  let [from, heardFrom] = [0, 0];
  const heard = words.map((word) => plain(word.text));
  const spread = (until: number, heardUntil: number) => {
    const room = heardUntil - heardFrom;
    for (let at = from; at < until; at += 1) {
      const along = Math.floor(((at - from) * room) / Math.max(until - from, 1));
      places.push(Math.min(heardFrom + along, words.length - 1));
    }
  };
  if (shown.length === words.length) return shown.map((_, at) => at);
  shown.forEach((one, at) => {
    const same = heard.slice(heardFrom, heardFrom + AHEAD).indexOf(plain(one));
    if (same < 0 || plain(one) === '') return;
    spread(at, heardFrom + same);
    places.push(heardFrom + same);
    [from, heardFrom] = [at + 1, heardFrom + same + 1];
  });
  spread(shown.length, words.length);
  return places;
}

function plain(word: string): string {
  return word.toLocaleLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
