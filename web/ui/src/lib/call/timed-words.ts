/**
 * The words of an utterance as they are shown, each with where it is said. What is shown is not
 * what was heard word by word (numbers are written in digits, names corrected), so each shown word
 * takes the time of the heard one that stands as far along. Pure.
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

export function timedWords(
  text: string,
  words: readonly HeardAt[],
  start_s: number,
  end_s: number,
): TimedWord[] {
  const shown = text.split(/\s+/).filter(Boolean);
  if (words.length === shown.length) {
    return shown.map((one, at) => ({ text: one, start_s: words[at]?.start_s ?? start_s }));
  }
  const heard = placesOf(words.map((word) => word.text.trim()));
  return placesOf(shown).map(({ text: one, middle }) => {
    let at = heard.findIndex(({ until }) => middle <= until);
    if (at < 0) at = heard.length - 1;
    return { text: one, start_s: words[at]?.start_s ?? start_s + middle * (end_s - start_s) };
  });
}

/** Each word with where its middle stands, 0 to 1, and up to where it reaches. */
function placesOf(texts: readonly string[]): { text: string; middle: number; until: number }[] {
  const length = texts.reduce((sum, text) => sum + text.length + 1, 0) || 1;
  let before = 0;
  return texts.map((text) => {
    const middle = (before + text.length / 2) / length;
    before += text.length + 1;
    return { text, middle, until: before / length };
  });
}
