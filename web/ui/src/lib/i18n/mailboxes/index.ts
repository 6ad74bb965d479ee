/** The words of mailboxes in the language of the pages. */
import { i18n } from '../i18n.svelte';
import { en } from './en';
import { fr } from './fr';

export const mailboxWords = () => (i18n.language === 'en' ? en : fr);

export function mailboxFault(code: string): string {
  const t = mailboxWords();
  return t.faults[code] ?? t.faultElse;
}
