/** The panel in other software, in English. `panel.fr.ts` has the same shape. */
export const panelEn = {
  panel: {
    label: 'Souffleur, call panel',
    signIn: 'Waiting for the sign-in',
    signInText: 'The software that shows this panel has to let the operator in.',
    over: 'Session over',
    overText: 'Sign in again in your software: what you typed is kept.',
    idle: 'No call',
    idleText: 'Your next call shows here once you have answered it.',
    columns: 'Parts of the panel',
    sheet: 'Instructions',
    interrupted: 'Transcription interrupted',
  },
};
