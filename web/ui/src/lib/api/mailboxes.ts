/** Mailboxes that are read: one function a route. */
import type { MailboxConsentWanted, MailboxInput, NewMailbox } from './contract';
import { call } from './routes';

export type { MailboxInput, MailboxView, NewMailbox } from './contract';

const ALL = '/api/clients/{client_id}/mailboxes';
const ONE = '/api/clients/{client_id}/mailboxes/{mailbox_id}';
const client = (id: string) => ({ path: { client_id: id } });
const one = (id: string, mailbox: string) => ({ path: { client_id: id, mailbox_id: mailbox } });

export const mailboxes = {
  all: (id: string) => call('GET', ALL, client(id)),
  add: (id: string, body: NewMailbox) => call('POST', ALL, { ...client(id), body }),
  change: (id: string, mailbox: string, body: MailboxInput) =>
    call('PUT', ONE, { ...one(id, mailbox), body }),
  providers: (id: string) =>
    call('GET', '/api/clients/{client_id}/mailbox-consent', client(id)),
  consent: (id: string, body: MailboxConsentWanted) =>
    call('POST', '/api/clients/{client_id}/mailbox-consent', { ...client(id), body }),
  remove: (id: string, mailbox: string) => call('DELETE', ONE, one(id, mailbox)),
  trial: (id: string, mailbox: string) =>
    call('POST', '/api/clients/{client_id}/mailboxes/{mailbox_id}/trial', one(id, mailbox)),
};
