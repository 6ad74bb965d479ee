/** What waits for the client's word: loaded by state, acted on, and what went wrong. */
import { sentence } from '../../lib/refusals';

export class Worklist<Item, State extends string> {
  wanted = $state() as State;
  /** Null while the list of another state is on its way. */
  found = $state.raw<Item[] | null>(null);
  /** Why the list could not be had. */
  failure = $state.raw<unknown>(null);
  /** What the last act was refused for. */
  fault = $state<string | null>(null);
  busy = $state(false);
  readonly states: readonly State[];
  readonly #all: (state: State) => Promise<Item[]>;

  /** The first state is the one in which items wait. */
  constructor(states: readonly [State, ...State[]], all: (state: State) => Promise<Item[]>) {
    this.states = states;
    this.wanted = states[0];
    this.#all = all;
  }

  get waiting(): boolean {
    return this.wanted === this.states[0];
  }

  /** Turn to another state; whoever shows the list loads it. */
  show(wanted: State): void {
    this.wanted = wanted;
    this.found = null;
  }

  async load(): Promise<void> {
    const asked = this.wanted;
    this.failure = null;
    try {
      const all = await this.#all(asked);
      if (asked === this.wanted) this.found = all;
    } catch (error) {
      if (asked === this.wanted) this.failure = error;
    }
  }

  /** Do it, then read the list again; false when it was refused. */
  async act(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.fault = null;
    try {
      await work();
      await this.load();
      return true;
    } catch (error) {
      this.fault = sentence(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
