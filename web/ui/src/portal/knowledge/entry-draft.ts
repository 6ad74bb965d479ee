/** An answer as it is typed, and what is sent of it. */
import type { AttachmentView, EntryInput, EntryView } from '../../lib/api/types';

/** An answer as its form holds it. */
export interface EntryDraft {
  question: string;
  answer: string;
  alternatives: string;
  note: string;
  tags: string;
  from: string;
  until: string;
  links: string;
  attachments: AttachmentView[];
  /** Of the answer that was changed; 0 for a new one. A newer one is never written over. */
  version: number;
}

/** The answer in its form; null for a new one. */
export function draftOf(entry: EntryView | null): EntryDraft {
  return {
    question: entry?.question ?? '',
    answer: entry?.answer ?? '',
    alternatives: (entry?.alternatives ?? []).join('\n'),
    note: entry?.note ?? '',
    tags: (entry?.tags ?? []).join(', '),
    from: entry?.valid_from ?? '',
    until: entry?.valid_until ?? '',
    links: (entry?.links ?? []).map((link) => link.address).join('\n'),
    attachments: entry?.attachments ?? [],
    version: entry?.version ?? 0,
  };
}

export function sameDraft(one: EntryDraft, other: EntryDraft): boolean {
  const content = ({ attachments, version: _, ...fields }: EntryDraft) =>
    JSON.stringify([Object.entries(fields).sort(), attachments.map((file) => file.id)]);
  return content(one) === content(other);
}

/** The lines that say something. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What to send; links keep the names they had. */
export function written(draft: EntryDraft, entry: EntryView | null): EntryInput {
  const names = new Map((entry?.links ?? []).map((link) => [link.address, link.label]));
  return {
    question: draft.question.trim(),
    answer: draft.answer.trim(),
    alternatives: lines(draft.alternatives),
    note: draft.note.trim(),
    tags: draft.tags
      .split(/[,;\n]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
    valid_from: draft.from || null,
    valid_until: draft.until || null,
    links: lines(draft.links).map((address) => ({ address, label: names.get(address) ?? '' })),
    attachments: draft.attachments.map((one) => one.id),
  };
}

/** The answer to a question that had none, as it is typed. */
export interface GapDraft {
  question: string;
  answer: string;
  /** Wordings that become the answer's own. */
  kept: string[];
}
