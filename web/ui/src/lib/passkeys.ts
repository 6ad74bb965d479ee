/** Passkeys: the browser's side of WebAuthn (level 3, JSON forms). */
import type { Me, PasskeyView } from './api/contract';
import { call } from './api/routes';

export const hasPasskeys =
  typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** The person closed the browser's own dialog, or let it time out. */
export function isDismissal(error: unknown): boolean {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
}

/** Let the browser make a passkey, and the service keep it. */
export async function addPasskey(name: string, password: string): Promise<PasskeyView> {
  const { options } = await call('POST', '/api/account/passkeys/options', { body: { password } });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const credential = answer(await navigator.credentials.create({ publicKey }));
  return call('POST', '/api/account/passkeys', { body: { name, credential } });
}

/** Sign in with whichever passkey the person chooses. */
export async function passkeySession(): Promise<Me> {
  const { options } = await call('POST', '/api/session/passkey/options');
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const credential = answer(await navigator.credentials.get({ publicKey }));
  return call('POST', '/api/session/passkey', { body: { credential } });
}

function answer(credential: Credential | null): Record<string, never> {
  return (credential as PublicKeyCredential).toJSON() as Record<string, never>;
}
