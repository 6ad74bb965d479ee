/** The supervisor's ear and the line, in French. `ear.en.ts` has the same shape. */
export const earFr = {
  ear: {
    title: 'Écoute de l’appel',
    open: 'Écouter cet appel',
    reason: 'Motif de l’écoute',
    reasonHint: 'Gardé dans le journal d’audit.',
    reasons: ['Formation', 'Suivi de la qualité', 'Demande de l’opérateur', 'Réclamation'],
    parts: { listen: 'Écouter', whisper: 'Chuchoter', barge: 'Intervenir' },
    hints: {
      listen: 'Personne ne vous entend.',
      whisper: 'Seul l’opérateur vous entend.',
      barge: 'L’appelant et l’opérateur vous entendent.',
    },
    start: 'Commencer l’écoute',
    starting: 'Connexion…',
    leave: 'Quitter l’appel',
    lost: 'Son coupé, reconnexion…',
    told: 'L’opérateur voit que vous êtes là.',
    desk: {
      listen: (name: string) => `${name} écoute cet appel`,
      whisper: (name: string) => `${name} vous parle : l’appelant ne l’entend pas`,
      barge: (name: string) => `${name} est intervenu : tout le monde l’entend`,
    },
    board: { listen: 'Écouté', whisper: 'Chuchoté', barge: 'Intervention' },
  },
  line: {
    held: 'En attente',
    foreign: 'Des paquets audio d’un inconnu sont refusés : personne ne les entend.',
    foreignShort: 'Audio d’un inconnu refusé',
    noAudio: {
      caller: 'Aucun son ne vient de l’appelant.',
      operator: 'Aucun son ne vient de votre poste.',
      guest: 'Aucun son ne vient de la personne appelée.',
    },
    noAudioShort: 'Sans son',
  },
};
