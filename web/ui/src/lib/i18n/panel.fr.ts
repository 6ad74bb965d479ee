/** The panel in other software, in French. `panel.en.ts` has the same shape. */
export const panelFr = {
  panel: {
    label: 'Souffleur, panneau de l’appel',
    signIn: 'En attente de la connexion',
    signInText: 'Le logiciel qui affiche ce panneau doit y faire entrer l’opérateur.',
    over: 'Session terminée',
    overText: 'Reconnectez-vous dans votre logiciel : ce que vous avez tapé est gardé.',
    idle: 'Aucun appel',
    idleText: 'Votre prochain appel s’affichera ici dès que vous aurez décroché.',
    columns: 'Parties du panneau',
    sheet: 'Consignes',
    interrupted: 'Transcription interrompue',
  },
};
