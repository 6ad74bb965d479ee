/** The gallery in French; `words.en.ts` has exactly the same shape. */
export const fr = {
  tabs: {
    live: 'En ce moment',
    calls: 'Appels',
    quality: 'Qualité',
    reports: 'Rapports',
    usage: 'Facturation',
  },
};

export type Words = typeof fr;
