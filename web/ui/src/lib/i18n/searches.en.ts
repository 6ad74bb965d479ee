/** The strings of searches that are kept, in English. */
import type { searchesFr } from './searches.fr';

export const searchesEn: typeof searchesFr = {
  searches: {
    similar: 'Close words too (forms, synonyms)',
    keep: 'Keep this search',
    forget: (name: string) => `Forget the search ${name}`,
  },
};
