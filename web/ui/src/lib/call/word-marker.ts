/**
 * Marks the word being said, in a transcript of thousands: the elements are told apart once, then
 * found by halving, so that following the sound costs the page one class and not a drawing.
 */
export class WordMarker {
  private places: { at_s: number; element: HTMLElement }[] = [];
  private marked: HTMLElement | null = null;

  /** Look at the words again: the transcript changed. */
  read(pane: HTMLElement): void {
    this.places = [...pane.querySelectorAll<HTMLElement>('[data-at]')]
      .map((element) => ({ at_s: Number(element.dataset.at), element }))
      .toSorted((a, b) => a.at_s - b.at_s);
  }

  /** Mark the last word that has begun; null marks none. The word, when it is another. */
  mark(at_s: number | null): HTMLElement | null {
    const next = at_s === null ? null : this.at(at_s + 0.05);
    if (next === this.marked) return null;
    this.marked?.classList.remove('now');
    next?.classList.add('now');
    this.marked = next;
    return next;
  }

  private at(at_s: number): HTMLElement | null {
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle]?.at_s ?? Infinity) <= at_s) low = middle + 1;
      else high = middle;
    }
    return this.places[low - 1]?.element ?? null;
  }
}

/** Where the word under a click is said; null beside any. */
export function clickedAt(event: Event): number | null {
  const { target } = event;
  const word = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null;
  return word ? Number(word.dataset.at) : null;
}
