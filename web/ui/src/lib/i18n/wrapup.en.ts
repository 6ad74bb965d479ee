/** The end of a call, in English. */
import { many } from './count.en';
import type { wrapupFr } from './wrapup.fr';

export const wrapupEn: typeof wrapupFr = {
  wrapup: {
    title: 'End of call',
    deeds: {
      answered: 'Call answered',
      called: 'Call placed',
      held: 'Put on hold',
      muted: 'Microphone muted',
      paused: 'Transcription paused',
      keys: 'Keys pressed',
      answer_given: 'Answer given',
      asked: 'Asked',
      transferred: 'Transferred',
      consulted: 'Spoken to',
      transfer_failed: 'Transfer failed',
      moved: 'Connected by the caller to',
      booked: 'Appointment booked',
      cancelled: 'Appointment cancelled',
      called_back: 'Caller called back',
      approved: 'Message approved',
      ended: 'Hung up',
    },
    endedBy: { caller: 'by the caller', operator: 'at the desk', system: 'by the system' },
    failed: 'What was done during the call could not be read.',
    times: (n: number) => (n > 1 ? `${n} times` : ''),
  },
  edits: {
    title: 'What is changed before sending, for this company',
    hint: (days: number) =>
      `Messages of the last ${days} days: what was proposed, and what was approved. No text, no name.`,
    none: (days: number) => `No message approved in the last ${days} days.`,
    field: 'Field',
    kept: 'Kept',
    changed: 'Changed',
    added: 'Added',
    emptied: 'Emptied',
    share: 'Share changed',
  },
  writing: {
    title: 'Proposed wording',
    names: { reason: 'Reason', summary: 'Summary', reply: 'Reply by e-mail' },
    byModel: 'Written by the language model',
    byModelHint: (model: string) => `Written by the model ${model}: read it before taking it.`,
    take: 'Take',
    refuse: 'Refuse',
    copy: 'Copy',
    copied: 'Copied',
    openMail: 'Open in e-mail',
    subject: 'Your call',
    write: 'Propose a wording',
    again: 'Write again',
    working: 'Writing… The message below is complete already.',
    nothing: 'Nothing to propose: the message filled from the call stays as it is.',
    rejected: (n: number) =>
      `${many(n, 'text rejected', 'texts rejected')}: it said what nobody said.`,
    failures: {
      language_model_slow: 'The model did not answer in time.',
      language_model_busy: 'The model is busy with other calls.',
      language_model_resting: 'The model does not answer any more and is tried again later.',
      language_model_unreadable: 'The model’s answer cannot be used.',
      other: 'The language model does not answer.',
    },
    unchanged: 'The message filled from the call stays as it is.',
  },
};
