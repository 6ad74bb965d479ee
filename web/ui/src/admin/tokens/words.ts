/** The strings of programs' tokens; `en` has exactly the shape of `fr`. */
import type { TokenView } from '../../lib/api/contract';
import { i18n } from '../../lib/i18n/i18n.svelte';

type Scope = TokenView['scopes'][number];

const frScopes: Record<Scope, string> = {
  'messages:read': 'Lire les messages',
  'messages:acknowledge': 'Accuser réception des messages',
  'calls:read': 'Lire les appels et leur transcription',
  'transcripts:search': 'Chercher dans les transcriptions',
  'knowledge:read': 'Lire les réponses et documents',
  'knowledge:write': 'Modifier les réponses et documents',
  'consignes:read': 'Lire les consignes',
  'consignes:write': 'Modifier les consignes',
  'panel:open': 'Ouvrir le panneau d’un opérateur dans un autre logiciel',
};

const enScopes: Record<Scope, string> = {
  'messages:read': 'Read messages',
  'messages:acknowledge': 'Acknowledge messages',
  'calls:read': 'Read calls and their transcripts',
  'transcripts:search': 'Search transcripts',
  'knowledge:read': 'Read answers and documents',
  'knowledge:write': 'Change answers and documents',
  'consignes:read': 'Read instructions',
  'consignes:write': 'Change instructions',
  'panel:open': 'Open an operator’s panel in other software',
};

const fr = {
  lead: 'Un jeton laisse un programme (CRM, logiciel métier) agir à la place d’une personne, avec ses seuls droits. Ce qu’il fait entre au journal d’audit sous son nom.',
  add: 'Créer un jeton',
  empty: 'Aucun jeton',
  emptyText: 'Créez-en un pour le programme qui doit lire les messages ou mettre à jour les réponses.',
  name: 'Nom',
  nameHint: 'Celui du programme, par exemple « CRM du cabinet ».',
  nameMissing: 'Donnez un nom au jeton.',
  client: 'Données accessibles',
  everyClient: 'Toutes les sociétés',
  clientHint: 'Un jeton de toutes les sociétés ne peut que lire les messages et les appels, ou ouvrir le panneau d’un opérateur.',
  scopes: 'Droits',
  scopesMissing: 'Cochez au moins un droit.',
  ofScope: frScopes,
  days: 'Durée (jours)',
  daysHint: 'De 1 à 366. Passé ce délai, le jeton n’ouvre plus rien.',
  daysWrong: 'Un nombre entier de 1 à 366.',
  create: 'Créer',
  secretOf: (name: string) => `Secret de ${name}`,
  secretOnce: 'Copiez-le maintenant dans le programme : il ne sera plus montré.',
  copy: 'Copier le secret',
  copied: 'Copié',
  notCopied: 'Le navigateur n’a pas laissé copier : le secret est sélectionné, copiez-le avec Ctrl+C.',
  kept: 'Je l’ai copié',
  until: 'Valable jusqu’au',
  used: 'Dernière utilisation',
  never: 'jamais',
  by: (name: string) => `créé par ${name}`,
  state: 'État',
  states: { active: 'Actif', expired: 'Expiré', revoked: 'Révoqué' },
  actions: 'Actions',
  revoke: 'Révoquer',
  revokeSure: 'Révoquer vraiment',
  revokeHint: 'Le programme n’aura plus accès, aussitôt et pour toujours.',
};

const en: typeof fr = {
  lead: 'A token lets a program (CRM, business software) act in a person’s place, with its own rights alone. What it does enters the audit trail under its name.',
  add: 'Create a token',
  empty: 'No token',
  emptyText: 'Create one for the program that should read messages or keep answers up to date.',
  name: 'Name',
  nameHint: 'The program’s, for example “The practice’s CRM”.',
  nameMissing: 'Give the token a name.',
  client: 'Data it reaches',
  everyClient: 'Every company',
  clientHint: 'A token over every company can only read messages and calls, or open an operator’s panel.',
  scopes: 'Rights',
  scopesMissing: 'Tick at least one right.',
  ofScope: enScopes,
  days: 'Lasts (days)',
  daysHint: '1 to 366. After that the token opens nothing.',
  daysWrong: 'A whole number from 1 to 366.',
  create: 'Create',
  secretOf: (name: string) => `Secret of ${name}`,
  secretOnce: 'Copy it into the program now: it will not be shown again.',
  copy: 'Copy the secret',
  copied: 'Copied',
  notCopied: 'The browser did not let it be copied: the secret is selected, copy it with Ctrl+C.',
  kept: 'I copied it',
  until: 'Good until',
  used: 'Last used',
  never: 'never',
  by: (name: string) => `created by ${name}`,
  state: 'State',
  states: { active: 'Active', expired: 'Expired', revoked: 'Revoked' },
  actions: 'Actions',
  revoke: 'Revoke',
  revokeSure: 'Really revoke',
  revokeHint: 'The program loses access, at once and for good.',
};

/** In the language of the pages. */
export const words = () => (i18n.language === 'en' ? en : fr);
