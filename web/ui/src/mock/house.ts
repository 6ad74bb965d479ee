/** A made-up house for working on the pages without the service. Never part of a build. */
import type {
  CallDetail,
  CallSummary,
  CardView,
  ClientCard,
  DraftFieldView,
  EntryView,
  EventData,
  EventKind,
  EventView,
  Me,
  MessageView,
} from '../lib/api/types';

export const ago = (seconds: number): string =>
  new Date(Date.now() - seconds * 1000).toISOString();

export const PEOPLE: Record<string, Me> = {
  'operateur@demo.example.fr': {
    id: 'u-op',
    email: 'operateur@demo.example.fr',
    name: 'Camille Laurent',
    role: 'operator',
    client_id: null,
    client_name: null,
    language: 'fr',
    csrf: 'mock',
  },
  'superviseur@demo.example.fr': {
    id: 'u-sup',
    email: 'superviseur@demo.example.fr',
    name: 'Nadia Ferrand',
    role: 'supervisor',
    client_id: null,
    client_name: null,
    language: 'fr',
    csrf: 'mock',
  },
  'client@demo.example.fr': {
    id: 'u-cli',
    email: 'client@demo.example.fr',
    name: 'Hélène Vasseur',
    role: 'client',
    client_id: 'c-plomb',
    client_name: 'Plomberie Vasseur',
    language: 'fr',
    csrf: 'mock',
  },
};

export const CLIENTS: Record<string, ClientCard> = {
  'c-plomb': {
    id: 'c-plomb',
    name: 'Plomberie Vasseur',
    sector: 'Plomberie et chauffage',
    colour: '#c2571a',
    greeting: 'Plomberie Vasseur bonjour, Camille à votre écoute, que puis-je faire pour vous ?',
    consignes: [
      {
        id: 'k1',
        title: 'Chaudières de la résidence des Acacias',
        body: 'Panne générale connue depuis ce matin. Un technicien est sur place : prendre le nom et l’appartement, ne pas promettre d’heure.',
        kind: 'consigne',
        valid_from: ago(30_000),
        valid_until: ago(-40_000),
      },
      {
        id: 'k2',
        title: 'Fuite en cours',
        body: 'Demander si l’arrivée d’eau est coupée. Transférer à l’astreinte si elle ne peut pas l’être.',
        kind: 'transfert',
        valid_from: null,
        valid_until: null,
      },
      {
        id: 'k3',
        title: 'Tarifs des dépannages',
        body: 'Ne donner aucun prix au téléphone, même approximatif.',
        kind: 'interdit',
        valid_from: null,
        valid_until: null,
      },
    ],
    contacts: [
      { id: 'p1', name: 'Hélène Vasseur', role: 'Gérante', email: 'h.vasseur@example.fr', phone: '+33639980110', vip: true },
      { id: 'p2', name: 'Marc Delattre', role: 'Chef d’équipe', email: 'm.delattre@example.fr', phone: '+33639980111', vip: false },
      { id: 'p3', name: 'Astreinte', role: 'Nuits et week-ends', email: null, phone: '+33199001234', vip: false },
    ],
  },
  'c-dent': {
    id: 'c-dent',
    name: 'Cabinet dentaire des Quais',
    sector: 'Santé',
    colour: '#2166a8',
    greeting: 'Cabinet dentaire des Quais, bonjour.',
    consignes: [],
    contacts: [],
  },
  'c-notaire': {
    id: 'c-notaire',
    name: 'Étude Morvan et associés',
    sector: 'Notariat',
    colour: '#6d4aa3',
    greeting: 'Étude Morvan, bonjour.',
    consignes: [],
    contacts: [],
  },
  'c-auto': {
    id: 'c-auto',
    name: 'Garage du Vieux Moulin',
    sector: 'Automobile',
    colour: '#2f7d4f',
    greeting: 'Garage du Vieux Moulin, bonjour.',
    consignes: [],
    contacts: [],
  },
};

export function summary(
  id: string,
  clientId: string,
  values: Partial<CallSummary> = {},
): CallSummary {
  const client = CLIENTS[clientId];
  if (!client) throw new Error(clientId);
  return {
    id,
    state: 'ringing',
    client_id: clientId,
    client_name: client.name,
    client_colour: client.colour,
    caller_number: '+33639980142',
    caller_name: null,
    source: 'sip',
    ringing_at: ago(12),
    answered_at: null,
    ended_at: null,
    duration_s: null,
    operator_id: null,
    operator_name: null,
    message_state: 'none',
    transcript_lag_s: 0.4,
    ...values,
  };
}

const HOURS: CardView = {
  entry_id: 'e1',
  question: 'Intervenez-vous le samedi ?',
  answer:
    'Oui, le samedi de 8 h à 12 h pour les dépannages. Les travaux et les devis se font du lundi au vendredi.',
  source: 'FAQ · Horaires',
  confidence: 0.91,
  matched: ['samedi', 'passer'],
};

const TAP: CardView = {
  entry_id: 'e2',
  question: 'Que faire en attendant le plombier en cas de fuite ?',
  answer:
    'Fermez le robinet d’arrêt général, souvent près du compteur ou sous l’évier, puis coupez l’électricité de la pièce si l’eau s’en approche.',
  source: 'FAQ · Urgences',
  confidence: 0.84,
  matched: ['fuite', 'eau', 'couper'],
};

const AREA: CardView = {
  entry_id: 'e3',
  question: 'Dans quelles communes vous déplacez-vous ?',
  answer: 'Dans toute l’agglomération et jusqu’à trente kilomètres autour, sans supplément.',
  source: 'FAQ · Zone d’intervention',
  confidence: 0.66,
  matched: ['déplacez'],
};

export const CARDS = [HOURS, TAP, AREA];

export const ENTRIES: EntryView[] = [
  { id: 'e1', question: HOURS.question, answer: HOURS.answer, tags: ['horaires', 'samedi'] },
  { id: 'e2', question: TAP.question, answer: TAP.answer, tags: ['urgence', 'fuite'] },
  { id: 'e3', question: AREA.question, answer: AREA.answer, tags: ['zone'] },
  {
    id: 'e4',
    question: 'Faites-vous des devis gratuits ?',
    answer: 'Le devis est gratuit et remis sous quarante-huit heures après la visite.',
    tags: ['devis'],
  },
  {
    id: 'e5',
    question: 'Comment régler une facture ?',
    answer: 'Par virement, chèque ou carte sur place. Les coordonnées bancaires figurent au bas de la facture.',
    tags: ['facturation', 'paiement'],
  },
];

type Line = [EventKind, Record<string, unknown>];

function said(leg: 'caller' | 'operator', n: number, start: number, end: number, text: string, confidence = 0.88): Line {
  return [
    'utterance_heard',
    {
      leg,
      utterance_id: `${leg}-${n}`,
      text,
      heard: text,
      start_s: start,
      end_s: end,
      language: 'fr',
      confidence,
      words: [],
    },
  ];
}

function field(name: string, value: string, confidence: number, utterance: string, read_back = false): DraftFieldView {
  return { name, value, confidence, utterance_id: utterance, read_back, edited: false };
}

const F1 = [field('caller_name', 'Julien Mercier', 0.93, 'caller-2')];
const F2 = [
  ...F1,
  field('reason', 'Fuite sous l’évier de la cuisine, l’eau ne peut pas être coupée complètement', 0.82, 'caller-3'),
  field('category', 'urgence', 0.8, 'caller-3'),
  field('urgency', 'critique', 0.86, 'caller-3'),
];
const F3 = [
  ...F2,
  field('phone', '+33639980142', 0.9, 'caller-5', true),
  field('address', '14 rue des Tanneurs, bâtiment B', 0.52, 'caller-6'),
  field('callback', 'true', 0.9, 'caller-5'),
];
const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const F4 = [
  ...F3,
  field('appointment_action', 'prendre', 0.72, 'caller-7'),
  field('appointment_when', `${soon}T08:00/12:00`, 0.7, 'caller-7'),
];

/** One call as it happens. */
export const SCRIPT: Line[] = [
  ['call_answered', { operator_id: 'u-op', operator_name: 'Camille Laurent' }],
  said('operator', 1, 0.6, 4.2, 'Plomberie Vasseur bonjour, Camille à votre écoute, que puis-je faire pour vous ?'),
  said('caller', 1, 4.8, 6.1, 'Oui bonjour madame,'),
  said('caller', 2, 6.4, 9.9, 'Julien Mercier à l’appareil, je vous appelle parce que j’ai un gros souci.'),
  ['draft_changed', { fields: F1 }],
  said('operator', 2, 10.2, 12, 'Je vous écoute, monsieur Mercier.'),
  said('caller', 3, 12.4, 19.8, 'J’ai une fuite sous l’évier de la cuisine, ça coule pas mal et je n’arrive pas à couper l’eau complètement.'),
  ['suggestion_offered', { suggestion_id: 's1', utterance_id: 'caller-3', cards: [TAP, AREA] }],
  ['draft_changed', { fields: F2 }],
  said('operator', 3, 20.1, 26.9, 'D’accord. Est-ce que vous avez pu fermer le robinet d’arrêt général, près du compteur ?'),
  said('caller', 4, 27.3, 31.2, 'J’ai essayé mais il est grippé, ça goutte encore.', 0.42),
  said('operator', 4, 31.6, 35, 'Je préviens tout de suite un technicien. À quel numéro peut-on vous joindre ?'),
  said('caller', 5, 35.5, 41.8, 'Alors c’est le zéro six, trente-neuf, quatre-vingt-dix-huit, zéro un, quarante-deux.'),
  said('caller', 6, 42.2, 46.1, 'Et l’adresse c’est quatorze rue des Tanneurs, bâtiment B.'),
  ['draft_changed', { fields: F3 }],
  said('operator', 5, 46.4, 51, 'Je répète : zéro six, trente-neuf, quatre-vingt-dix-huit, zéro un, quarante-deux.'),
  said('caller', 7, 51.4, 55.9, 'C’est ça. Sinon est-ce que quelqu’un pourrait passer samedi matin pour changer le robinet ?'),
  ['suggestion_offered', { suggestion_id: 's2', utterance_id: 'caller-7', cards: [HOURS, AREA, TAP] }],
  ['draft_changed', { fields: F4 }],
  said('operator', 6, 56.2, 58.9, 'Oui, nous intervenons le samedi matin.'),
];

export const PARTIALS: Line[] = [
  [
    'partial_heard',
    {
      leg: 'caller',
      utterance_id: 'caller-8',
      settled: 'Parfait, alors si possible plutôt vers',
      provisional: 'neuf heures parce que',
      start_s: 59.2,
      end_s: 62.4,
    },
  ],
];

export const ENDED: Line = [
  'call_ended',
  { ended_by: 'caller', reason: 'normal', duration_s: 96.2 },
];

export function events(callId: string, lines: Line[], from = 1): EventView[] {
  return lines.map(
    ([kind, data], index) =>
      ({
        kind,
        call_id: callId,
        seq: from + index,
        at: ago(80),
        data: data as unknown as EventData[typeof kind],
      }) as EventView,
  );
}

export function message(id: string, values: Partial<MessageView> = {}): MessageView {
  return {
    id,
    call_id: 'past-1',
    client_id: 'c-plomb',
    state: 'delivered',
    fields: {
      caller_name: 'Julien Mercier',
      company: null,
      phone: '+33639980142',
      reason: 'Fuite sous l’évier de la cuisine, l’eau ne peut pas être coupée complètement',
      category: 'urgence',
      urgency: 'critique',
      callback: 'true',
      address: '14 rue des Tanneurs, bâtiment B',
      appointment_action: 'prendre',
      appointment_when: `${soon}T08:00/12:00`,
    },
    note: 'Technicien prévenu par téléphone à 10 h 12.',
    urgency: 'critique',
    approved_at: ago(1800),
    approved_by: 'Camille Laurent',
    delivered_at: ago(1795),
    failure: null,
    ...values,
  };
}

export const MESSAGES: MessageView[] = [
  message('m1'),
  message('m2', {
    call_id: 'past-2',
    urgency: 'normal',
    fields: {
      caller_name: 'Sophie Garnier',
      company: 'Syndic Belleroche',
      phone: '+33199001842',
      email: 'sophie.garnier@example.fr',
      recipient: 'Marc Delattre',
      reason: 'Souhaite un devis pour remplacer quatre chauffe-eau dans la copropriété',
      category: 'devis',
      urgency: 'normal',
      callback: 'true',
    },
    note: '',
    approved_at: ago(9200),
  }),
  message('m3', {
    call_id: 'past-3',
    state: 'acknowledged',
    urgency: 'normal',
    fields: {
      caller_name: 'Paul Estève',
      company: null,
      phone: '+33465710233',
      reason: 'Demande un duplicata de la facture de mars',
      category: 'facturation',
      file_number: 'F-2291',
      urgency: 'normal',
    },
    note: '',
    approved_at: ago(90_000),
  }),
  message('m4', {
    call_id: 'past-4',
    state: 'acknowledged',
    urgency: 'urgent',
    fields: {
      caller_name: null,
      company: 'Boulangerie Lenoir',
      phone: '+33261910456',
      reason: 'Plus d’eau chaude depuis ce matin, ouverture de la boutique demain à 6 h',
      category: 'urgence',
      urgency: 'urgent',
      callback: 'true',
    },
    note: '',
    approved_at: ago(176_000),
  }),
];

export const PAST: CallSummary[] = [
  summary('past-1', 'c-plomb', {
    state: 'ended',
    ringing_at: ago(1900),
    answered_at: ago(1894),
    ended_at: ago(1798),
    duration_s: 96,
    caller_name: 'Julien Mercier',
    operator_id: 'u-op',
    operator_name: 'Camille Laurent',
    message_state: 'delivered',
  }),
  summary('past-5', 'c-dent', {
    state: 'ended',
    ringing_at: ago(3300),
    answered_at: ago(3290),
    ended_at: ago(3100),
    duration_s: 190,
    caller_number: '+33353010876',
    operator_id: 'u-op',
    operator_name: 'Camille Laurent',
    message_state: 'draft',
  }),
  summary('past-6', 'c-notaire', {
    state: 'ended',
    ringing_at: ago(5200),
    answered_at: ago(5194),
    ended_at: ago(5000),
    duration_s: 194,
    caller_number: null,
    operator_id: 'u-op2',
    operator_name: 'Yanis Brun',
    message_state: 'acknowledged',
  }),
  summary('past-2', 'c-plomb', {
    state: 'ended',
    ringing_at: ago(9300),
    answered_at: ago(9292),
    ended_at: ago(9202),
    duration_s: 90,
    caller_name: 'Sophie Garnier',
    caller_number: '+33199001842',
    operator_id: 'u-op',
    operator_name: 'Camille Laurent',
    message_state: 'delivered',
  }),
  summary('past-7', 'c-auto', {
    state: 'ended',
    ringing_at: ago(11_300),
    ended_at: ago(11_270),
    caller_number: '+33536490611',
    message_state: 'none',
  }),
  summary('past-8', 'c-auto', {
    state: 'ended',
    ringing_at: ago(12_800),
    answered_at: ago(12_795),
    ended_at: ago(12_500),
    duration_s: 295,
    caller_number: '+33536490688',
    operator_id: 'u-op2',
    operator_name: 'Yanis Brun',
    message_state: 'failed',
  }),
];

export function detail(call: CallSummary, log: EventView[], sent: MessageView | null): CallDetail {
  const client = CLIENTS[call.client_id];
  if (!client) throw new Error(call.client_id);
  const drafts = log.filter((event) => event.kind === 'draft_changed');
  const last = drafts.at(-1);
  return {
    call,
    client,
    draft: last && last.kind === 'draft_changed' ? last.data.fields : [],
    message: sent,
    events: log,
  };
}
