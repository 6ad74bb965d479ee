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
  privacy: {
    title: 'Confidentialité',
    hint: 'Un préréglage ne rend jamais plus permissif : ce qui est déjà plus strict reste.',
    kept: (transcripts: number, calls: number) =>
      `Transcriptions gardées ${transcripts} j, appels gardés ${calls} j.`,
    masked: (what: string) => `Masqués dans les transcriptions : ${what}.`,
    nothingMasked: 'Rien n’est masqué dans les transcriptions.',
    masks: { card: 'cartes bancaires', nir: 'numéros de sécurité sociale', iban: 'IBAN', health: 'termes de santé' },
    presets: { health: 'Société de santé', legal: 'Société de droit' },
    sets: {
      health:
        'Transcriptions gardées 7 j, appels 180 j ; écoute et enregistrement interdits ; cartes, sécurité sociale, IBAN et termes de santé masqués.',
      legal:
        'Transcriptions gardées 1 j, appels 90 j ; écoute et enregistrement interdits ; cartes, sécurité sociale et IBAN masqués.',
    },
    warning: (preset: string) =>
      `Appliquer « ${preset} » ? Ce qui dépasse les nouvelles durées sera effacé pour de bon à la prochaine purge.`,
    apply: 'Appliquer',
    leave: 'Ne rien changer',
    done: (preset: string) => `« ${preset} » est appliqué, et inscrit au journal d’audit.`,
  },
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
  privacy: {
    title: 'Privacy',
    hint: 'A preset never loosens anything: what is stricter already stays.',
    kept: (transcripts: number, calls: number) =>
      `Transcripts kept ${transcripts} days, calls ${calls} days.`,
    masked: (what: string) => `Masked in transcripts: ${what}.`,
    nothingMasked: 'Nothing is masked in transcripts.',
    masks: { card: 'bank cards', nir: 'social security numbers', iban: 'IBANs', health: 'words about health' },
    presets: { health: 'Health company', legal: 'Legal company' },
    sets: {
      health:
        'Transcripts kept 7 days, calls 180 days; listening and recording forbidden; cards, social security, IBANs and words about health masked.',
      legal:
        'Transcripts kept 1 day, calls 90 days; listening and recording forbidden; cards, social security and IBANs masked.',
    },
    warning: (preset: string) =>
      `Apply “${preset}”? What is older than the new limits is deleted for good at the next purge.`,
    apply: 'Apply',
    leave: 'Change nothing',
    done: (preset: string) => `“${preset}” is applied, and entered in the audit trail.`,
  },
};

/** In the language of the pages. */
export const words = () => (i18n.language === 'en' ? en : fr);
