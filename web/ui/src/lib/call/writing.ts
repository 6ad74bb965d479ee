/** Texts that a language model proposes for a call, and what the operator made of each. Pure. */
import type { TextDecided, TextName, WritingChanged } from '../api/types';

export interface Proposal {
  name: TextName;
  text: string;
  decision: 'taken' | 'refused' | null;
}

export interface Writing {
  state: 'none' | WritingChanged['state'];
  proposals: readonly Proposal[];
  /** Texts that said what nobody said: never shown. */
  rejected: number;
  model: string;
  failure: string | null;
}

export const NOT_WRITTEN: Writing = {
  state: 'none',
  proposals: [],
  rejected: 0,
  model: '',
  failure: null,
};

export function withWriting(event: WritingChanged, before: Writing): Writing {
  const { state, model = '', failure = null } = event;
  // What was proposed before stays while the model writes again, and when it fails.
  if (state !== 'written') return { ...before, state, model, failure };
  const proposals = (event.texts ?? []).map(({ name, text }): Proposal => {
    const same = before.proposals.find((one) => one.name === name && one.text === text);
    return { name, text, decision: same?.decision ?? null };
  });
  return { state, proposals, rejected: (event.rejected ?? []).length, model, failure };
}

export function withDecision(event: TextDecided, before: Writing): Writing {
  const decision = event.taken ? 'taken' : 'refused';
  return {
    ...before,
    proposals: before.proposals.map((one) =>
      one.name === event.name ? { ...one, decision } : one,
    ),
  };
}

/** The text that was taken for this field, to be told apart from the operator's own words. */
export function takenText(writing: Writing, name: string): string | null {
  const taken = writing.proposals.find((one) => one.name === name && one.decision === 'taken');
  return taken?.text ?? null;
}
