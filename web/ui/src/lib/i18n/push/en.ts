/** The words of notifications in browsers, English. */
import type { PushWords } from './fr';

export const en: PushWords = {
  title: 'Notifications',
  lead: 'This browser tells you of a new message, even while no page is open. The company chooses for which urgencies (Sending, Channels).',
  add: 'Turn on in this browser',
  adding: 'Turning on…',
  here: 'this browser',
  none: 'No browser is notified.',
  since: (at: string) => `since ${at}`,
  reached: (at: string) => `last sent ${at}`,
  remove: 'Remove',
  removeNamed: (name: string) => `Remove ${name}`,
  added: 'This browser will be notified.',
  signOutHint: 'Signing out ends notifications in the browser.',
  denied: 'The browser refuses notifications of this site. Allow them in its settings (padlock of the address bar), then try again.',
  unsupported: 'This browser cannot receive notifications. On an iPhone or iPad, add the page to the home screen first.',
  failed: 'The browser’s push service does not answer. Try again in a moment.',
  everybody: 'Everybody who turned notifications on in their account',
  unknownBrowser: 'Browser',
  onCall: 'Notify their browsers too (account of the same e-mail)',
  onCallReady: 'One of their browsers is notified.',
  onCallNobody:
    'No browser is notified at this e-mail: it takes an account of your company, and notifications switched on in it. Until then this person gets their other channels (text message, e-mail).',
  pocket: {
    title: 'Be told here',
    lead: (name: string) => `On call: ${name}. This device tells you of the next message, even with no page open. The notification says that a message waits and opens it; it says nothing of the call.`,
    add: 'Tell me here',
    here: 'This device tells you of on-call messages.',
    stop: 'Stop telling me here',
    stopping: 'Stopping…',
    listed: 'Telephones that are told (added from an on-call link)',
    ends: 'They are forgotten as soon as the person’s name, number or e-mail changes.',
  },
};
