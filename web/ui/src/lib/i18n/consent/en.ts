/** The words of connecting a calendar by consent, English. */
import type { ConsentWords } from './fr';

export const en: ConsentWords = {
  with: { google: 'Connect with Google', microsoft: 'Connect with Microsoft' },
  again: 'Connect again',
  leaving: 'Opening the provider’s page…',
  lead: 'You consent on the provider’s page; no password is typed here. The access can be withdrawn at any time.',
  by: 'Connected by your consent.',
  expired: 'The access has expired or was withdrawn: connect this account again. Until then none of its times is offered.',
  revoked: 'Access withdrawn, here and at the provider.',
  notRevoked: 'Access withdrawn here, but Google did not answer: withdraw it at myaccount.google.com too, “Third-party apps”.',
  revokeThere: 'Access withdrawn here. Remove the application at the provider too (Microsoft: myapps.microsoft.com), which cannot be told from here.',
  refused: {
    consent_off: 'This server has no application at this provider any more. Ask the reception’s administrator.',
    consent_answer: 'The answer fits no request in progress (too late, or used already). Start again from this page.',
    consent_declined: 'Consent was not given. Start again; if your organisation forbids it, its administrator must allow the application.',
    consent_incomplete: 'The consent does not cover the calendar: start again and tick the calendar.',
    consent_refused: 'The provider does not know the reception’s application. Ask the administrator to check its identifier and secret.',
    consent_unreachable: 'The provider does not answer. Nothing was connected; try again in a few minutes.',
  },
  refusedElse: 'Nothing was connected. Start again from this page.',
};
