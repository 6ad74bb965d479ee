/** The strings of a client's rules: listening, numbers shown, privacy; `en` has the shape of `fr`. */
import { i18n } from '../lib/i18n/i18n.svelte';

const fr = {
  title: 'Écoute et transferts',
  supervision: 'Écoute par les superviseurs',
  supervisions: {
    shown: 'Permise, l’opérateur le voit',
    hidden: 'Permise, sans que l’opérateur le voie',
    forbidden: 'Interdite',
  },
  supervisionHint:
    'Écouter, souffler à l’opérateur ou entrer dans un appel. Chaque écoute demande un motif et entre au journal d’audit.',
  shownNumber: 'Numéro affiché chez la personne appelée',
  shownNumberHint: 'Quand on appelle au nom de la société. Vide : son numéro renvoyé vers nous, sinon le premier des siens.',
  transferShows: 'Numéro affiché lors d’un transfert',
  transferNumbers: { client: 'Celui de la société', caller: 'Celui de l’appelant' },
  transferShowsHint:
    'Celui de l’appelant permet de le rappeler ou de le reconnaître ; il faut que votre opérateur téléphonique l’accepte.',
  transcribed: 'Continuer la transcription après un transfert',
  transcribedHint:
    'Décoché, rien de ce qui se dit après le transfert n’est transcrit. À cocher seulement si les deux personnes en sont prévenues.',
};

const en: typeof fr = {
  title: 'Listening and transfers',
  supervision: 'Supervisors listening',
  supervisions: {
    shown: 'Allowed, the operator sees it',
    hidden: 'Allowed, the operator does not see it',
    forbidden: 'Forbidden',
  },
  supervisionHint:
    'Listening, whispering to the operator or joining a call. Each time needs a reason and enters the audit trail.',
  shownNumber: 'Number shown to the person called',
  shownNumberHint: 'When calling in the company’s name. Empty: its number forwarded to us, else the first of its own.',
  transferShows: 'Number shown on a transfer',
  transferNumbers: { client: 'The company’s', caller: 'The caller’s' },
  transferShowsHint:
    'The caller’s lets them be recognised or called back; your telephone carrier must accept it.',
  transcribed: 'Go on transcribing after a transfer',
  transcribedHint:
    'Unticked, nothing said after the transfer is transcribed. Tick it only if both people are told.',
};

/** In the language of the pages. */
export const words = () => (i18n.language === 'en' ? en : fr);
