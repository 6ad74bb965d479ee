/** Setting a company up; `en` has exactly the shape of `fr`. */
import type { SetUpView } from '../../lib/api/types';
import { i18n } from '../../lib/i18n/i18n.svelte';

type Step = SetUpView['steps'][number]['name'];
type Texts = Record<Step, { title: string; text: string }>;

const frSteps: Texts = {
  trade: {
    title: 'Votre métier',
    text: 'Il donne le formulaire des messages, et ce que le secret professionnel demande.',
  },
  privacy: { title: 'Confidentialité', text: 'Ce qui est masqué et combien de temps c’est gardé.' },
  greeting: { title: 'Phrase d’accueil', text: 'Dite par l’opérateur quand il décroche.' },
  hours: { title: 'Horaires et accueil', text: 'Sans horaires, vos appels sont pris à toute heure.' },
  numbers: {
    title: 'Numéros',
    text: 'Ils mènent à vous ; votre prestataire les règle. Dites-lui lesquels renvoyer.',
  },
  urgencies: {
    title: 'Urgences et consignes de parole',
    text: 'Ce qui rend un appel urgent, ce qu’il ne faut jamais dire, les mots de votre métier.',
  },
  channels: { title: 'Envois', text: 'Au moins une adresse ou un canal qui reçoit vos messages.' },
  on_call: { title: 'Astreinte', text: 'Qui est prévenu d’une urgence, dans l’ordre.' },
  answers: { title: 'Premières réponses', text: 'Importez votre FAQ ou écrivez une première réponse.' },
};

const enSteps: Texts = {
  trade: {
    title: 'Your trade',
    text: 'It gives the form of messages, and what professional secrecy asks for.',
  },
  privacy: { title: 'Privacy', text: 'What is masked, and how long it is kept.' },
  greeting: { title: 'Greeting', text: 'Said by the operator when they pick up.' },
  hours: { title: 'Hours and welcome', text: 'Without hours your calls are taken at any time.' },
  numbers: {
    title: 'Numbers',
    text: 'They lead to you; your provider sets them. Tell them which ones to forward.',
  },
  urgencies: {
    title: 'Urgencies and words',
    text: 'What makes a call urgent, what must never be said, the words of your trade.',
  },
  channels: { title: 'Delivery', text: 'At least one address or channel that gets your messages.' },
  on_call: { title: 'On-call list', text: 'Who is told of an emergency, in order.' },
  answers: { title: 'First answers', text: 'Import your FAQ, or write a first answer.' },
};

const fr = {
  tab: 'Mise en route',
  lead: 'Chaque étape est gardée aussitôt : vous pouvez vous arrêter et reprendre quand vous voulez.',
  progress: (done: number, all: number) => `${done} étapes sur ${all}`,
  ready: 'Prêt : vos appels peuvent être pris.',
  missing: 'Il manque encore',
  advised: 'Conseillé',
  states: { done: 'Fait', missing: 'À faire', advised: 'Conseillé' },
  steps: frSteps,
  open: 'Ouvrir',
  save: 'Enregistrer',
  saved: 'Enregistré.',
  next: 'Étape suivante',
  sector: 'Métier de la société',
  sectorHint: 'Par exemple : cabinet dentaire, plomberie, syndic.',
  trade: (fields: string) => `Champs des messages : ${fields}.`,
  presets: { health: 'Appliquer les réglages de santé', legal: 'Appliquer les réglages du secret des juristes' },
  presetWhy:
    'Votre métier est tenu au secret : transcriptions courtes, pas d’écoute ni d’enregistrement. Ce qui est gardé au-delà sera effacé pour de bon.',
  greeting: 'Phrase d’accueil',
  urgent: 'Ce qui rend un appel urgent (une règle par ligne)',
  never: 'À ne jamais dire ni promettre (un par ligne)',
  vocabulary: 'Noms et mots de votre métier, pour bien les entendre (un par ligne)',
  zone: 'Fuseau horaire',
  zoneHint: 'Par exemple Europe/Paris.',
  days: 'Transcriptions gardées (jours)',
  redact: 'Masqué dans ce qui est entendu',
  masks: {
    card: 'numéros de carte',
    nir: 'numéros de sécurité sociale',
    iban: 'IBAN',
    health: 'termes de santé',
  },
  noNumber: 'Aucun numéro ne mène encore à vous.',
};

const en: typeof fr = {
  tab: 'Set-up',
  lead: 'Each step is kept at once: you can stop and go on whenever you like.',
  progress: (done: number, all: number) => `${done} steps of ${all}`,
  ready: 'Ready: your calls can be taken.',
  missing: 'Still missing',
  advised: 'Advised',
  states: { done: 'Done', missing: 'To do', advised: 'Advised' },
  steps: enSteps,
  open: 'Open',
  save: 'Save',
  saved: 'Saved.',
  next: 'Next step',
  sector: 'The company’s trade',
  sectorHint: 'For instance: dental practice, plumbing, property management.',
  trade: (fields: string) => `Fields of messages: ${fields}.`,
  presets: { health: 'Apply the settings of health', legal: 'Apply the settings of lawyers’ secrecy' },
  presetWhy:
    'Your trade is held to secrecy: short transcripts, no listening, no recording. What is kept beyond that is erased for good.',
  greeting: 'Greeting',
  urgent: 'What makes a call urgent (one rule a line)',
  never: 'Never to be said or promised (one a line)',
  vocabulary: 'Names and words of your trade, to hear them well (one a line)',
  zone: 'Time zone',
  zoneHint: 'For instance Europe/Paris.',
  days: 'Transcripts kept (days)',
  redact: 'Masked in what is heard',
  masks: {
    card: 'card numbers',
    nir: 'social-security numbers',
    iban: 'IBANs',
    health: 'words about health',
  },
  noNumber: 'No number leads to you yet.',
};

export function words(): typeof fr {
  return i18n.language === 'fr' ? fr : en;
}
