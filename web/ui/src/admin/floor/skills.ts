/** Skills as they are typed and kept, and who has those that a group asks for. */
import type { AnswererView, RingGroupView } from '../../lib/api/contract';

const LONGEST_SKILL = 40;

/** Offered at once; others that are in use already stay on offer. */
const USUAL_LANGUAGES = ['fr', 'en', 'es', 'de', 'it', 'pt', 'ar'];

export function skillsOf(text: string): string[] {
  const typed = text.split(/[,;\n]/).map((one) => one.trim().toLowerCase());
  return [...new Set(typed.filter(Boolean))];
}

export const skillsText = (skills: readonly string[]) => skills.join(', ');

/** The first skill that is too long, or null. */
export const tooLong = (skills: readonly string[]) =>
  skills.find((one) => one.length > LONGEST_SKILL) ?? null;

export const offered = (...used: readonly string[][]) => [
  ...new Set([...USUAL_LANGUAGES, ...used.flat()]),
];

export function isIn(group: Pick<RingGroupView, 'skills' | 'languages'>, one: AnswererView): boolean {
  return (
    group.skills.every((skill) => one.skills.includes(skill)) &&
    group.languages.every((language) => one.languages.includes(language))
  );
}
