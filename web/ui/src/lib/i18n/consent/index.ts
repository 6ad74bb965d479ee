/** The words of consent to calendars in the language of the pages. */
import { i18n } from '../i18n.svelte';
import { en } from './en';
import { fr } from './fr';

export const consentWords = () => (i18n.language === 'en' ? en : fr);
