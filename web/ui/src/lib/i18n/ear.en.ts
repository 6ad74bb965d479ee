import type { earFr } from './ear.fr';

export const earEn: typeof earFr = {
  ear: {
    title: 'Listening to the call',
    open: 'Listen to this call',
    reason: 'Reason for listening',
    reasonHint: 'Kept in the audit trail.',
    reasons: ['Training', 'Quality', 'Asked by the operator', 'Complaint'],
    parts: { listen: 'Listen', whisper: 'Whisper', barge: 'Barge in' },
    hints: {
      listen: 'Nobody hears you.',
      whisper: 'Only the operator hears you.',
      barge: 'The caller and the operator hear you.',
    },
    start: 'Begin',
    starting: 'Connecting…',
    leave: 'Leave the call',
    lost: 'Sound lost, reconnecting…',
    told: 'The operator sees that you are there.',
    desk: {
      listen: (name) => `${name} is listening to this call`,
      whisper: (name) => `${name} speaks to you: the caller does not hear`,
      barge: (name) => `${name} has barged in: everybody hears`,
    },
    board: { listen: 'Listened to', whisper: 'Whispered to', barge: 'Barged in' },
  },
  line: {
    held: 'On hold',
    foreign: 'Audio packets from a stranger are refused: nobody hears them.',
    foreignShort: 'Stranger’s audio refused',
    noAudio: {
      caller: 'No sound comes from the caller.',
      operator: 'No sound comes from your desk.',
      guest: 'No sound comes from the person called.',
    },
    noAudioShort: 'No sound',
  },
};
