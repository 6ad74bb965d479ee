/** Notifications while no page is open: the browser's side of the Push API. */
import type { NewPushBrowser, OnCallOffer, PushBrowser } from './api/contract';
import { call } from './api/routes';
import { Refusal, Unreachable } from './api/service';
import { sentence } from './refusals';

const WORKER = '/push-worker.js';

/** Safari on a telephone has it only for pages put on the home screen. */
export const hasPush =
  typeof Notification !== 'undefined' && 'serviceWorker' in navigator && 'PushManager' in window;

/** The person said no to the browser's own question, now or before. */
export class PushDeniedError extends Error {}

/** What stood in the way of a subscription, in `words` where the browser is the cause. */
export function pushProblem(error: unknown, words: { denied: string; failed: string }): string {
  if (error instanceof PushDeniedError) return words.denied;
  if (error instanceof Refusal || error instanceof Unreachable) return sentence(error);
  console.warn('no push subscription', error);
  return words.failed;
}

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
  return call('POST', '/api/push', { body: await subscribed(publicKey, browser) });
}

/** The same for somebody on call, by the link that they opened. */
export const byLink = {
  offer: (token: string) => call('POST', '/api/receipts/notified', { body: { token } }),
  add: async (token: string, publicKey: string, browser: string): Promise<OnCallOffer> =>
    call('POST', '/api/receipts/notify', {
      body: { token, subscription: await subscribed(publicKey, browser) },
    }),
  stop: async (token: string): Promise<OnCallOffer> => {
    const endpoint = (await subscription())?.endpoint ?? '';
    // The house first: the browser's subscription may also be of an account here.
    return call('POST', '/api/receipts/silence', { body: { token, endpoint } });
  },
};

async function subscribed(publicKey: string, browser: string): Promise<NewPushBrowser> {
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
  return { endpoint, keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' }, browser };
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
