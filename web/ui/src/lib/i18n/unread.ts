/** Clients' mailboxes that cannot be read, to operators and supervisors, in both languages. */
import { i18n } from './i18n.svelte';

const fr = {
  since: (address: string, client: string, at: string) =>
    `La boîte ${address} (${client}) n’est plus lue ; dernière lecture : ${at}.`,
  never: (address: string, client: string) => `La boîte ${address} (${client}) n’a jamais pu être lue.`,
  why: {
    mailbox_consent: 'L’accord donné par le client a expiré ou a été retiré.',
    mailbox_refused: 'L’identifiant ou le mot de passe est refusé.',
    mailbox_unreachable: 'Son serveur ne répond pas.',
  } as Record<string, string>,
  whyElse: 'Elle ne peut pas être ouverte.',
  mend: (tab: string, view: string) =>
    `Rien n’est perdu : ce qui y arrive attend. Prévenez le client : il la reconnecte dans son portail, onglet ${tab}, « ${view} ».`,
};

const en: typeof fr = {
  since: (address, client, at) => `The mailbox ${address} (${client}) is no longer read; last time: ${at}.`,
  never: (address, client) => `The mailbox ${address} (${client}) could never be read.`,
  why: {
    mailbox_consent: 'The consent that the client gave expired or was withdrawn.',
    mailbox_refused: 'The user or the password is refused.',
    mailbox_unreachable: 'Its server does not answer.',
  },
  whyElse: 'It cannot be opened.',
  mend: (tab, view) =>
    `Nothing is lost: what comes there waits. Tell the client: they connect it again in their portal, ${tab} tab, “${view}”.`,
};

export const unreadWords = () => (i18n.language === 'en' ? en : fr);
