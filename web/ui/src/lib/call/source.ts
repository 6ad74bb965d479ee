/** How a call came, and so what can be done with its sound. */
import type { Source } from '../api/types';

/** Somebody else's telephones carry it and send us a copy: it cannot be ended here. */
export function isCopied(source: Source): boolean {
  return source === 'siprec' || source === 'mediacopy';
}

/** Its voices pass through here: held, muted, listened to from here. */
export function isCarried(source: Source): boolean {
  return source !== 'replay' && !isCopied(source) && !isWritten(source);
}

/** Nobody spoke: an e-mail, a web form. */
export function isWritten(source: Source): boolean {
  return source === 'email' || source === 'form';
}
