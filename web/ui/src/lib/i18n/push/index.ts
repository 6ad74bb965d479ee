/** The words of notifications in the language of the pages. */
import { i18n } from '../i18n.svelte';
import { en } from './en';
import { fr } from './fr';

export const pushWords = () => (i18n.language === 'en' ? en : fr);
