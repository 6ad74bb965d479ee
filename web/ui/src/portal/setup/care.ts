/** The routes of setting a company up. */
import { call } from '../../lib/api/routes';
import type { CareEdit } from '../../lib/api/types';

const of = (clientId: string) => ({ path: { client_id: clientId } });

export const care = {
  read: (clientId: string) => call('GET', '/api/clients/{client_id}/care', of(clientId)),
  change: (clientId: string, body: CareEdit) =>
    call('PATCH', '/api/clients/{client_id}/care', { ...of(clientId), body }),
  steps: (clientId: string) => call('GET', '/api/clients/{client_id}/set-up', of(clientId)),
};
