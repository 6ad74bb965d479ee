import type { MomentEdit } from '../../lib/api/quality';

/** The utterance in which a selection begins, and which of its characters are selected. */
export function selectedMoment(
  selection: Selection | null,
): { utterance_id: string; span: NonNullable<MomentEdit['span']> } | null {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const start = range.startContainer;
  const element = start instanceof Element ? start : start.parentElement;
  const utterance = element?.closest<HTMLElement>('[data-testid="utterance"]');
  const id = utterance?.dataset.utterance;
  if (!utterance || !id) return null;
  const before = document.createRange();
  before.selectNodeContents(utterance);
  before.setEnd(range.startContainer, range.startOffset);
  const from = before.toString().length;
  const whole = utterance.textContent.length;
  const until = Math.min(whole, from + range.toString().length);
  return until > from ? { utterance_id: id, span: [from, until] } : null;
}
