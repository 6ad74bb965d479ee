/** The strings of a message that a colleague writes, in English. */
import type { holderFr } from './holder.fr';

export const holderEn: typeof holderFr = {
  holder: {
    theirs: (name: string) => `${name} is writing this message.`,
    sure: (name: string) => `What ${name} wrote stays; the rest will be yours.`,
    reading: 'You read it as it is written.',
    take: 'Take the message',
    takeSure: 'Yes, take it',
    unsaved: 'What you had just typed was not saved:',
    emptied: '(cleared)',
    drop: 'Got it',
    colleagues: 'In a call',
    watch: 'Follow',
    watching: (name: string) => `${name}’s call, read only`,
    leave: 'Leave',
  },
};
