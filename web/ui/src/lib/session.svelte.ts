/** Who is signed in. */
import { onSignedOut, Refusal, service } from './api/service';
import type { Credentials, Me, Role } from './api/types';
import { i18n } from './i18n/i18n.svelte';
import { passkeySession } from './passkeys';
import { leaveThisBrowser } from './push';
import { signOnEnd } from './signon';

export type SessionState = 'asking' | 'in' | 'out' | 'unreachable';

export const HOMES: Record<Role, string> = {
  operator: '/desk',
  supervisor: '/gallery',
  administrator: '/admin',
  client: '/portal',
  reader: '/portal',
};

class Session {
  me = $state.raw<Me | null>(null);
  state = $state<SessionState>('asking');
  private wanted = false;
  /** The session ended while the page was in use. */
  expired = $state(false);

  start(): void {
    onSignedOut(() => {
      this.expired = true;
      this.me = null;
      this.state = 'out';
    });
  }

  /** Ask the service who is signed in, once somebody must be. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.ask();
  }

  async ask(): Promise<void> {
    this.state = 'asking';
    try {
      this.enter(await service.session());
    } catch (error) {
      this.state = error instanceof Refusal && error.status < 500 ? 'out' : 'unreachable';
    }
  }

  /** Is the session still good? When it is not, the pages are told at once. */
  async check(): Promise<void> {
    try {
      this.enter(await service.session());
    } catch (error) {
      // Signed out: said already. Away: the connections say so themselves.
      console.warn('session not confirmed', error);
    }
  }

  async signIn(credentials: Credentials): Promise<void> {
    this.enter(await service.signIn(credentials));
  }

  async signInWithPasskey(): Promise<void> {
    this.enter(await passkeySession());
  }

  async signOut(): Promise<void> {
    const elsewhere = await this.providerEnd();
    await this.leavePush();
    try {
      await service.signOut();
    } catch (error) {
      // Already signed out elsewhere: the wish is granted.
      if (!(error instanceof Refusal)) throw error;
    }
    this.expired = false;
    this.me = null;
    this.state = 'out';
    if (elsewhere) location.assign(elsewhere);
  }

  /** Where the identity provider ends its own session; without an answer one is signed out here only. */
  private async providerEnd(): Promise<string | null> {
    try {
      return await signOnEnd();
    } catch (error) {
      console.warn('the identity provider is not told', error);
      return null;
    }
  }

  /** Nothing is shown on a browser where nobody is signed in; that it fails keeps nobody in. */
  private async leavePush(): Promise<void> {
    try {
      await leaveThisBrowser();
    } catch (error) {
      console.warn('the push service is not told', error);
    }
  }

  private enter(me: Me): void {
    this.me = me;
    this.state = 'in';
    this.expired = false;
    i18n.prefer(me.language);
  }
}

export const session = new Session();
