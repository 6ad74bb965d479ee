/** What the reader says of answers during a call, and takes back. */
import { SvelteSet } from 'svelte/reactivity';
import type { Feedback, FeedbackGiven } from '../lib/api/types';

/** In the place of a suggestion's id: found by asking. */
export const ASKED = 'ask';

type Lasting = FeedbackGiven['action'];

export class AnswerMarks {
  private readonly standing = new SvelteSet<string>();
  private readonly seen = new Set<string>();
  private sent: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (suggestionId: string, given: Feedback) => Promise<void>,
    given: readonly FeedbackGiven[] = [],
  ) {
    for (const one of given) this.standing.add(key(one.suggestion_id, one.entry_id, one.action));
  }

  has(suggestionId: string, entryId: string, action: Lasting): boolean {
    return this.standing.has(key(suggestionId, entryId, action));
  }

  /** Say it, or take it back. */
  toggle(suggestionId: string, entryId: string, action: Lasting): void {
    const name = key(suggestionId, entryId, action);
    const withdrawn = this.standing.delete(name);
    if (!withdrawn) this.standing.add(name);
    this.tell(suggestionId, { action, entry_id: entryId, withdrawn });
  }

  /** Done once and for all: nothing to take back. */
  did(suggestionId: string, entryId: string, action: 'opened' | 'copied'): void {
    this.tell(suggestionId, { action, entry_id: entryId, withdrawn: false });
  }

  /** These were found by asking, and stayed to be read; each is told once. */
  shown(entryIds: readonly string[]): void {
    for (const entryId of entryIds) {
      if (this.seen.has(entryId)) continue;
      this.seen.add(entryId);
      this.tell(ASKED, { action: 'shown', entry_id: entryId, withdrawn: false });
    }
  }

  /** One after the other: what is taken back must not overtake what was said. */
  private tell(suggestionId: string, given: Feedback): void {
    this.sent = this.sent
      .then(() => this.send(suggestionId, given))
      .catch((error: unknown) => {
        // The reader's opinion is worth having, not worth an alarm when it cannot be sent.
        console.warn('feedback not taken', error);
      });
  }
}

function key(suggestionId: string, entryId: string, action: Lasting): string {
  return `${action} ${suggestionId} ${entryId}`;
}
