/** Notifications while no page is open: the browser's side of the Push API. */
import type { PushBrowser } from './api/contract';
import { call } from './api/routes';

const WORKER = '/push-worker.js';

/** Safari on a telephone has it only for pages put on the home screen. */
export const hasPush =
  typeof Notification !== 'undefined' && 'serviceWorker' in navigator && 'PushManager' in window;

/** The person said no to the browser's own question, now or before. */
export class PushDeniedError extends Error {}

export const pushes = {
  settings: () => call('GET', '/api/push'),
  remove: (id: string) =>
    call('DELETE', '/api/push/{subscription_id}', { path: { subscription_id: id } }),
};

async function subscription(): Promise<PushSubscription | null> {
  const kept = await navigator.serviceWorker.getRegistration(WORKER);
  return (await kept?.pushManager.getSubscription()) ?? null;
}

/** What tells this browser among those that the house notifies; null when it has no subscription. */
export async function ownDigest(): Promise<string | null> {
  const own = hasPush ? await subscription() : null;
  if (!own) return null;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(own.endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Ask the person, then the push service, then tell the house. Only ever on a click. */
export async function addThisBrowser(publicKey: string, browser: string): Promise<PushBrowser> {
  if ((await Notification.requestPermission()) !== 'granted') throw new PushDeniedError();
  await navigator.serviceWorker.register(WORKER);
  const ready = await navigator.serviceWorker.ready;
  const before = await ready.pushManager.getSubscription();
  // One made with another key (another house at this address) could not be used.
  if (before && keyOf(before) !== publicKey) await before.unsubscribe();
  const made = await ready.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
  const { endpoint = '', keys } = made.toJSON();
  return call('POST', '/api/push', {
    body: { endpoint, keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' }, browser },
  });
}

/** Nobody is signed in here any more: nothing is shown here either. The house forgets the browser
 * when its push service says that it is gone. */
export async function leaveThisBrowser(): Promise<void> {
  if (hasPush) await (await subscription())?.unsubscribe();
}

function keyOf(made: PushSubscription): string {
  const raw = new Uint8Array(made.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...raw))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
