/** Phone numbers as people write them, and as the message keeps them (E.164). */

const FRENCH = /^\+33([1-9])(\d{2})(\d{2})(\d{2})(\d{2})$/;

/** "+33639980123" as "06 39 98 01 23"; other countries keep their prefix; other text is itself. */
export function readable(number: string): string {
  const french = FRENCH.exec(number);
  if (french) return `0${french[1]} ${french.slice(2).join(' ')}`;
  return number;
}

const compacted = (typed: string) => typed.replace(/[\s.\-/()\u00a0\u202f]/g, '');

/** Too short to be called, or no French number though it begins as one. */
export function isIncomplete(number: string): boolean {
  const compact = compacted(number);
  if (/^(0[1-9]|\+33)\d*$/.test(compact)) return !/^(0|\+33)[1-9]\d{8}$/.test(compact);
  return compact.replace(/\D/g, '').length < 8;
}

/** What was typed, in E.164 where that is certain; otherwise as typed. */
export function canonical(typed: string): string {
  const compact = compacted(typed);
  if (/^0[1-9]\d{8}$/.test(compact)) return `+33${compact.slice(1)}`;
  if (/^00[1-9]\d{6,13}$/.test(compact)) return `+${compact.slice(2)}`;
  if (/^\+330[1-9]\d{8}$/.test(compact)) return `+33${compact.slice(4)}`;
  if (/^\+[1-9]\d{6,14}$/.test(compact)) return compact;
  return typed.trim();
}
