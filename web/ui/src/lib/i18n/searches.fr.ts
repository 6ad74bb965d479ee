/** The strings of searches that are kept, in French. `searches.en.ts` has the same shape. */
export const searchesFr = {
  searches: {
    similar: 'Mots proches aussi (formes, synonymes)',
    keep: 'Garder cette recherche',
    forget: (name: string) => `Oublier la recherche ${name}`,
  },
};
