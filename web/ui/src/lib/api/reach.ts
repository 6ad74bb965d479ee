/**
 * How the service is reached. Our own pages stand on it and are known by a cookie; a panel in
 * another site's page calls it from afar, known by a secret that is kept in memory alone.
 */
export interface Far {
  /** Of the service, without a slash at the end. */
  base: string;
  /** The panel session's secret; null before the sign-in. */
  secret: string | null;
}

/** Subprotocol of a panel's sockets; the secret goes beside it (`session.…`). */
const PROTOCOL = 'souffleur-panel-1';

let far: Far | null = null;

export function reachFromAfar(where: Far): void {
  far = where;
}

export function isFar(): boolean {
  return far !== null;
}

/** The whole address of something of the service. */
export function addressOf(path: string): string {
  return far && path.startsWith('/') ? far.base + path : path;
}

/** What a request says about who sends it. */
export function credentials(): { headers: Record<string, string>; mode: RequestCredentials } {
  if (far === null) return { headers: {}, mode: 'same-origin' };
  const headers: Record<string, string> = {};
  if (far.secret !== null) headers['Authorization'] = `Bearer ${far.secret}`;
  return { headers, mode: 'omit' };
}

export function openSocket(path: string): WebSocket {
  if (far === null) {
    const { protocol, host } = window.location;
    return new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}${path}`);
  }
  const address = far.base.replace(/^http/, 'ws') + path;
  return new WebSocket(address, [PROTOCOL, `session.${far.secret ?? ''}`]);
}
