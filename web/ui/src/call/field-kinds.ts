/** How each field of a message is shown, typed and kept. */
import { canonical, isIncomplete, readable } from '../lib/call/phone';
import { canonicalWhen, typed } from '../lib/call/when';

export type FieldKind = 'text' | 'phone' | 'email' | 'when' | 'day';

export const KINDS: Partial<Record<string, FieldKind>> = {
  phone: 'phone',
  email: 'email',
  callback_when: 'when',
  appointment_when: 'when',
  date_of_birth: 'day',
};

/** A kept value as it is shown and typed. */
export function displayed(kind: FieldKind, value: string): string {
  if (kind === 'phone') return readable(value);
  if (kind === 'when' || kind === 'day') return typed(value);
  return value;
}

/** What was typed, as it is kept. */
export function keptValue(kind: FieldKind, text: string): string {
  if (kind === 'phone') return canonical(text);
  if (kind === 'email') return text.trim().toLowerCase();
  if (kind === 'when') return canonicalWhen(text, new Date().toLocaleDateString('sv'));
  // Any day ever: with its year, a day before today is a day.
  if (kind === 'day') return canonicalWhen(text, '0000-01-01');
  return text;
}

export type FieldFault = 'emailInvalid' | 'phoneInvalid';

/** Why a kept value cannot be right, or null. */
export function fault(kind: FieldKind, value: string | null): FieldFault | null {
  if (!value) return null;
  if (kind === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(value)) return 'emailInvalid';
  if (kind === 'phone' && isIncomplete(value)) return 'phoneInvalid';
  return null;
}

/** A value less sure than this is to be checked. */
export const UNCERTAIN = 0.6;
