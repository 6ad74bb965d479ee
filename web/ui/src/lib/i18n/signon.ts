/** The strings of single sign-on; `en` has exactly the shape of `fr`. */
import { i18n } from './i18n.svelte';

const fr = {
  signIn: 'Se connecter avec {name}',
};

const en: typeof fr = {
  signIn: 'Sign in with {name}',
};

export const signOnWords = (): typeof fr => (i18n.language === 'fr' ? fr : en);
