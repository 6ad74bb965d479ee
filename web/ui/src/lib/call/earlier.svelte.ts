/** What was said before the first words that a page has: fetched when a reader wants it. */
import type { EventView, SaidBefore } from '../api/types';
import { isAborted } from '../refusals';

export class Earlier {
  /** More was said before this seq; null: all of it is here. */
  before = $state<number | null>(null);
  failure = $state.raw<unknown>(null);
  private asking: Promise<void> | null = null;

  constructor(
    private readonly ask: (before: number) => Promise<SaidBefore>,
    private readonly add: (events: readonly EventView[]) => void,
  ) {}

  /** One page more; two readers who want it at once wait for the same one. */
  page(): Promise<void> {
    this.asking ??= this.fetch().finally(() => (this.asking = null));
    return this.asking;
  }

  /** Pages until this is true, or there are no more. */
  async until(found: () => boolean): Promise<boolean> {
    while (!found()) {
      if (this.before === null) return false;
      await this.page();
      if (this.failure !== null) return false;
    }
    return true;
  }

  async all(): Promise<void> {
    await this.until(() => false);
  }

  private async fetch(): Promise<void> {
    if (this.before === null) return;
    this.failure = null;
    try {
      const { events, earlier } = await this.ask(this.before);
      this.before = earlier;
      this.add(events);
    } catch (error) {
      if (!isAborted(error)) this.failure = error;
    }
  }
}
