import { i18n } from '../lib/i18n/i18n.svelte';
import { en } from './words.en';
import { fr, type Words } from './words.fr';

export function words(): Words {
  return i18n.language === 'fr' ? fr : en;
}
