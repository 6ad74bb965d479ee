/** Shows what push services bring while no page of ours is open. Fetches no page, keeps nothing. */
'use strict';

const NEW_MESSAGE = 'Nouveau message';

/** What came, or nothing when it is not ours: browsers insist that something is shown. */
function said(data) {
  try {
    const given = data ? data.json() : null;
    return given && typeof given === 'object' ? given : {};
  } catch {
    return {};
  }
}

const text = (value) => (typeof value === 'string' ? value : '');

/** Our own pages only, whatever came. */
function pageOf(link) {
  const home = new URL('/portal?tab=messages', self.location.origin);
  try {
    const wanted = new URL(text(link) || home, self.location.origin);
    return wanted.origin === self.location.origin ? wanted.href : home.href;
  } catch {
    return home.href;
  }
}

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const { title, body, link, tag } = said(event.data);
  event.waitUntil(
    self.registration.showNotification(text(title) || NEW_MESSAGE, {
      body: text(body),
      tag: text(tag),
      data: { link: text(link) },
      icon: '/favicon.svg',
      lang: 'fr',
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const page = pageOf(event.notification.data?.link);
  event.waitUntil(self.clients.openWindow(page));
});

/** The push service gave the browser another address: the house is told, if somebody is signed in. */
self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(renew(event.oldSubscription));
});

async function renew(before) {
  const me = await fetch('/api/session', { credentials: 'same-origin' });
  if (!me.ok || !before) return;
  const { csrf } = await me.json();
  const renewed = await self.registration.pushManager.subscribe(before.options);
  await fetch('/api/push', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-CSRF': csrf },
    body: JSON.stringify({ ...keysOf(renewed), browser: 'renouvelé' }),
  });
}

function keysOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys };
}
