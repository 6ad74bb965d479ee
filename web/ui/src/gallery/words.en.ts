/** The gallery in English. */
import type { Words } from './words.fr';

export const en: Words = {
  tabs: {
    live: 'Now',
    calls: 'Calls',
    lines: 'Clients’ welcome',
    quality: 'Quality',
    reports: 'Reports',
    usage: 'Invoicing',
  },
  lines: {
    client: 'Client',
    choose: 'Choose a client',
    none: 'Choose a client to hear and set what their callers hear: welcome, announcement, waiting, closed message, group of operators, hours.',
  },
};
