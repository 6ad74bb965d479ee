/** The strings of passkeys; `en` has exactly the shape of `fr`. */
import { i18n } from './i18n.svelte';

const fr = {
  signIn: 'Se connecter avec une clé d’accès',
  title: 'Clés d’accès',
  lead: 'L’empreinte, le visage ou le code d’un appareil ouvre votre compte, sans mot de passe ni second facteur à taper.',
  none: 'Aucune pour le moment.',
  name: 'Nom de l’appareil',
  nameHint: 'Par exemple « Portable du bureau ».',
  add: 'Ajouter une clé',
  added: 'Clé ajoutée. Elle ouvre votre compte dès maintenant.',
  remove: 'Retirer',
  removing: 'Retirer « {name} » : votre mot de passe',
  cancel: 'Annuler',
  since: 'ajoutée',
  used: 'utilisée',
  unsupported: 'Ce navigateur ne connaît pas les clés d’accès.',
};

const en: typeof fr = {
  signIn: 'Sign in with a passkey',
  title: 'Passkeys',
  lead: 'A device’s fingerprint, face or code opens your account, with no password or second factor to type.',
  none: 'None yet.',
  name: 'Name of the device',
  nameHint: 'For example “Office laptop”.',
  add: 'Add a passkey',
  added: 'Passkey added. It opens your account from now on.',
  remove: 'Remove',
  removing: 'Remove “{name}”: your password',
  cancel: 'Cancel',
  since: 'added',
  used: 'used',
  unsupported: 'This browser does not know passkeys.',
};

export const passkeyWords = (): typeof fr => (i18n.language === 'fr' ? fr : en);
