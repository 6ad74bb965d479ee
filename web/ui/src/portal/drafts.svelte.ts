/** What was typed and is not saved yet: found again when what it is of is opened again. */
import { untrack } from 'svelte';

/** By the id of what is changed; `new` for a new one. Lives as long as the portal is on the screen. */
export class Drafts<Draft> {
  private kept = $state.raw<ReadonlyMap<string, Draft>>(new Map());

  get any(): boolean {
    return this.kept.size > 0;
  }

  /** Those of what somebody else has removed meanwhile: of none of `there`. */
  lost(there: ReadonlySet<string>): [string, Draft][] {
    return [...this.kept].filter(([id]) => id !== 'new' && !there.has(id));
  }

  has(id: string): boolean {
    return this.kept.has(id);
  }

  get(id: string): Draft | undefined {
    return this.kept.get(id);
  }

  /** Null: nothing that is not saved. */
  keep(id: string, draft: Draft | null): void {
    if (draft === null) this.forget(id);
    else this.kept = new Map(this.kept).set(id, draft);
  }

  forget(id: string): void {
    if (!this.kept.has(id)) return;
    const others = new Map(this.kept);
    others.delete(id);
    this.kept = others;
  }
}

/** A form in which nothing was typed shows what a colleague saved meanwhile; `now`: as it is. */
export function follow<Draft>(
  now: () => Draft,
  same: (one: Draft, other: Draft) => boolean,
  form: { get: () => Draft; set: (draft: Draft) => void },
): void {
  let shown = untrack(now);
  $effect.pre(() => {
    const next = now();
    untrack(() => {
      if (same(form.get(), shown) || same(form.get(), next)) form.set(next);
      shown = next;
    });
  });
}
