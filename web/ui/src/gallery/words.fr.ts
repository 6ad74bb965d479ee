/** The gallery in French; `words.en.ts` has exactly the same shape. */
export const fr = {
  tabs: {
    live: 'En ce moment',
    calls: 'Appels',
    lines: 'Accueil des clients',
    quality: 'Qualité',
    reports: 'Rapports',
    usage: 'Facturation',
  },
  lines: {
    client: 'Client',
    choose: 'Choisir un client',
    none: 'Choisissez un client pour écouter et régler ce que ses appelants entendent : accueil, annonce, attente, fermeture, groupe d’opérateurs, horaires.',
  },
};

export type Words = typeof fr;
