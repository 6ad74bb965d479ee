/** The end of a call, in French. */
import { many } from './count.fr';

export const wrapupFr = {
  wrapup: {
    title: 'Fin d’appel',
    deeds: {
      answered: 'Appel pris',
      held: 'Mis en attente',
      muted: 'Micro coupé',
      paused: 'Transcription suspendue',
      keys: 'Touches composées',
      answer_given: 'Réponse donnée',
      asked: 'Demandé',
      booked: 'Rendez-vous réservé',
      cancelled: 'Rendez-vous annulé',
      approved: 'Message approuvé',
      ended: 'Raccroché',
    },
    endedBy: { caller: 'par l’appelant', operator: 'par le poste', system: 'par le système' },
    failed: 'Ce qui a été fait pendant l’appel n’a pas pu être lu.',
    times: (n: number) => (n > 1 ? `${n} fois` : ''),
  },
  edits: {
    title: 'Ce qui est changé avant l’envoi, pour cette société',
    hint: (days: number) =>
      `Messages des ${days} derniers jours : ce que la fiche proposait, et ce qui a été approuvé. Aucun texte, aucun nom.`,
    none: (days: number) => `Aucun message approuvé ces ${days} derniers jours.`,
    field: 'Champ',
    kept: 'Gardé',
    changed: 'Changé',
    added: 'Ajouté',
    emptied: 'Vidé',
    share: 'Part changée',
  },
  writing: {
    title: 'Rédaction proposée',
    names: { reason: 'Motif', summary: 'Résumé', reply: 'Réponse par e-mail' },
    byModel: 'Rédigé par le modèle de langue',
    byModelHint: (model: string) => `Rédigé par le modèle ${model} : relisez avant de prendre.`,
    take: 'Prendre',
    refuse: 'Écarter',
    copy: 'Copier',
    copied: 'Copié',
    openMail: 'Ouvrir dans la messagerie',
    subject: 'Votre appel',
    write: 'Proposer une rédaction',
    again: 'Rédiger de nouveau',
    working: 'Rédaction en cours… La fiche ci-dessous est déjà complète.',
    nothing: 'Rien à proposer : la fiche remplie d’après l’appel reste telle quelle.',
    rejected: (n: number) =>
      `${many(n, 'texte écarté', 'textes écartés')} : il y figurait ce que personne n’a dit.`,
    failures: {
      language_model_slow: 'Le modèle n’a pas répondu à temps.',
      language_model_busy: 'Le modèle est occupé par d’autres appels.',
      language_model_resting: 'Le modèle ne répond plus et sera réessayé plus tard.',
      language_model_unreadable: 'La réponse du modèle n’est pas utilisable.',
      other: 'Le modèle de langue ne répond pas.',
    },
    unchanged: 'La fiche remplie d’après l’appel reste telle quelle.',
  },
};
