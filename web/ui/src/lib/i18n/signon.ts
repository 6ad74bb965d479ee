/** The strings of single sign-on; `en` has exactly the shape of `fr`. */
import { i18n } from './i18n.svelte';

const fr = {
  signIn: 'Se connecter avec {name}',
  linked: 'Connexion unique',
  unlink: 'Défaire le lien',
};

const en: typeof fr = {
  signIn: 'Sign in with {name}',
  linked: 'Single sign-on',
  unlink: 'Undo the link',
};

export const signOnWords = (): typeof fr => (i18n.language === 'fr' ? fr : en);
