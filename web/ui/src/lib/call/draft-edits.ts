/**
 * What the operator typed and the service has not confirmed yet. Pure: the page keeps it in its
 * storage after each step, so that a reload or a lost connection loses nothing.
 */
import type { DraftFieldView } from '../api/types';

export type Values = Readonly<Record<string, string | null>>;

export interface DraftEdits {
  /** Typed, to be sent. */
  pending: Values;
  /** Sent, not answered yet. */
  sending: Values;
}

export const NO_EDITS: DraftEdits = { pending: {}, sending: {} };

export function typedIn(edits: DraftEdits, name: string, value: string | null): DraftEdits {
  return { ...edits, pending: { ...edits.pending, [name]: value } };
}

export function sent(edits: DraftEdits): DraftEdits {
  return { pending: {}, sending: edits.pending };
}

export function confirmed(edits: DraftEdits): DraftEdits {
  return { pending: edits.pending, sending: {} };
}

/** Not taken: what was sent is to be sent again, unless it was typed over since. */
export function refused(edits: DraftEdits): DraftEdits {
  return { pending: { ...edits.sending, ...edits.pending }, sending: {} };
}

export function isEmpty(values: Values): boolean {
  return Object.keys(values).length === 0;
}

/** A field as the operator sees it: their own typing first, then what the service says. */
export function shown(
  edits: DraftEdits,
  draft: readonly DraftFieldView[],
  name: string,
): string | null {
  for (const values of [edits.pending, edits.sending]) {
    if (name in values) return values[name] ?? null;
  }
  return draft.find((field) => field.name === name)?.value ?? null;
}

/** Stored edits read back; anything unreadable counts as none. */
export function restored(text: string | null): DraftEdits {
  if (text === null) return NO_EDITS;
  try {
    const found = JSON.parse(text) as Partial<DraftEdits>;
    return { pending: { ...found.sending, ...found.pending }, sending: {} };
  } catch {
    return NO_EDITS;
  }
}
