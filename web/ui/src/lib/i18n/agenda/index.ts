/** The words of appointments in the language of the pages. */
import { i18n } from '../i18n.svelte';
import { en } from './en';
import { fr } from './fr';

export const agendaWords = () => (i18n.language === 'en' ? en : fr);

/** Why a calendar cannot be used, by the service's code. */
export function faultOf(code: string): string {
  const { faults } = agendaWords();
  const known: Record<string, string> = faults;
  return known[code] ?? faults.calendar_unreachable;
}

/** The same to whoever just typed the access and tries it: what to look at. */
export function trialFaultOf(code: string): string {
  const known: Record<string, string> = agendaWords().trials;
  return known[code] ?? faultOf(code);
}
