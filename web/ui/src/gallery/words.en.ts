/** The gallery in English. */
import type { Words } from './words.fr';

export const en: Words = {
  tabs: {
    live: 'Now',
    calls: 'Calls',
    quality: 'Quality',
    reports: 'Reports',
    usage: 'Invoicing',
  },
};
