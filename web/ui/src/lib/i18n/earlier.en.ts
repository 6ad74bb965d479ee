/** The strings of a long transcript's beginning, in English. */
import type { earlierFr } from './earlier.fr';

export const earlierEn: typeof earlierFr = {
  earlier: {
    more: 'Show what was said before',
    loading: 'Loading what was said before…',
  },
};
