/** How messages leave and what became of them: one function a route. */
import type { Answer } from './routes';
import { call } from './routes';
import type { paths, DeliveryEdit, RouteInput } from './contract';

export type {
  AttentionItem,
  DeliverySettings,
  DeliveryView,
  EscalationView,
  OnCallBrowserView,
  OnCallView,
  OnCallContactView,
  OpenedReceipt,
  PolicyView,
  ReceiptView,
  RouteInput,
  RouteView,
  TryView,
} from './contract';
export type Channel = RouteInput['channel'];
export type TrialResult = Answer<NonNullable<paths['/api/clients/{client_id}/delivery/trial']['post']>>;

const of = (id: string) => ({ path: { message_id: id } });
const client = (id: string) => ({ path: { client_id: id } });

export const deliveries = {
  of: (messageId: string) => call('GET', '/api/messages/{message_id}/delivery', of(messageId)),
  read: (messageId: string) => call('POST', '/api/messages/{message_id}/read', of(messageId)),
  retry: (messageId: string) => call('POST', '/api/messages/{message_id}/retry', of(messageId)),
  revoke: (messageId: string) =>
    call('POST', '/api/messages/{message_id}/links/revoke', of(messageId)),
  stop: (messageId: string) =>
    call('POST', '/api/messages/{message_id}/escalation/stop', of(messageId)),
  attention: () => call('GET', '/api/messages/attention', {}),
};

export const sending = {
  settings: (id: string) => call('GET', '/api/clients/{client_id}/delivery', client(id)),
  save: (id: string, body: DeliveryEdit) =>
    call('PUT', '/api/clients/{client_id}/delivery', { ...client(id), body }),
  routes: (id: string) => call('GET', '/api/clients/{client_id}/routes', client(id)),
  saveRoutes: (id: string, routes: RouteInput[]) =>
    call('PUT', '/api/clients/{client_id}/routes', { ...client(id), body: { routes } }),
  phones: (id: string) => call('GET', '/api/clients/{client_id}/on-call/browsers', client(id)),
  dropPhone: (id: string, browserId: string) =>
    call('DELETE', '/api/clients/{client_id}/on-call/browsers/{browser_id}', {
      path: { client_id: id, browser_id: browserId },
    }),
  trial: (id: string, channel: Channel, to: string) =>
    call('POST', '/api/clients/{client_id}/delivery/trial', { ...client(id), body: { channel, to } }),
};

export const receipts = {
  look: (token: string) => call('POST', '/api/receipts/look', { body: { token } }),
  code: (token: string) => call('POST', '/api/receipts/code', { body: { token } }),
  open: (token: string, code: string | null) =>
    call('POST', '/api/receipts/open', { body: { token, code } }),
  acknowledge: (token: string) => call('POST', '/api/receipts/acknowledge', { body: { token } }),
};
