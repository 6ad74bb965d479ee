/** Single sign-on: away to the identity provider, and back with what it said. */
import type { SignOnOffer } from './api/contract';
import { call } from './api/routes';

const PARAMETER = 'sign_on';

/** Whether there is a provider, and why the last try opened nothing; the address is made clean. */
export async function signOnOffer(): Promise<SignOnOffer> {
  const here = new URL(location.href);
  const refused = here.searchParams.get(PARAMETER) ?? '';
  if (refused) {
    here.searchParams.delete(PARAMETER);
    history.replaceState(history.state, '', here);
  }
  return call('GET', '/api/session/sign-on', { query: { refused: refused.slice(0, 60) } });
}

/** Leave for the provider's page. */
export async function signOn(): Promise<void> {
  const { address } = await call('POST', '/api/session/sign-on');
  location.assign(address);
}

/** Where the provider ends its own session, when it signed this browser in. */
export async function signOnEnd(): Promise<string | null> {
  return (await call('POST', '/api/session/sign-on/end')).address;
}
