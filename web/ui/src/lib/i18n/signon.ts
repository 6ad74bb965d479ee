/** The strings of single sign-on; `en` has exactly the shape of `fr`. */
import { i18n } from './i18n.svelte';

const fr = {
  signIn: 'Se connecter avec {name}',
  linked: 'Connexion unique',
  unlink: 'Défaire le lien',
  fresh:
    'Vous entrez par la connexion unique, sans mot de passe : il faut s’être connecté depuis moins de dix minutes.',
};

const en: typeof fr = {
  signIn: 'Sign in with {name}',
  linked: 'Single sign-on',
  unlink: 'Undo the link',
  fresh:
    'You come by single sign-on, without a password: the sign-in must be less than ten minutes old.',
};

export const signOnWords = (): typeof fr => (i18n.language === 'fr' ? fr : en);
