/** What an operator can do with the line of the call at hand. Part of the desk's one list. */
import { i18n } from '../lib/i18n/i18n.svelte';
import type { Action } from './actions';
import type { Desk } from './desk.svelte';

/** What the page of the call does itself: its panels, and its microphone. */
export interface LineView {
  toggleMute(): void;
  toggleHold(): void;
  toggleTransfer(): void;
  toggleKeypad(): void;
}

type Wish = Omit<Action, 'group'>;

export function lineActions(desk: Desk, view: LineView | undefined): Action[] {
  const { t } = i18n;
  const wishes: Wish[] = [
    {
      id: 'mute',
      label: t.keys.mute,
      keys: ['m'],
      available: desk.mayControl,
      run: () => view?.toggleMute(),
    },
    {
      id: 'hold',
      label: t.keys.hold,
      keys: ['g'],
      available: desk.mayControl,
      run: () => view?.toggleHold(),
    },
    ...transferring(desk, view),
    {
      id: 'keypad',
      label: t.keys.keypad,
      keys: ['b'],
      available: desk.mayControl,
      run: () => view?.toggleKeypad(),
    },
    {
      id: 'hang-up',
      label: t.keys.hangUp,
      keys: ['shift+h'],
      available: desk.mayHangUp,
      run: () => void desk.hangUp(),
    },
    {
      id: 'pause',
      label: t.keys.pause,
      keys: ['p'],
      available: desk.mayPause,
      run: () => void desk.pause(!desk.atHand?.followed.log.paused),
    },
    {
      id: 'record',
      label: t.recording.keys.start,
      keys: ['shift+e'],
      available: desk.mayRecord === 'begin',
      run: () => void desk.atHand?.recording.toggle(),
    },
    {
      id: 'record-pause',
      label: t.recording.keys.pause,
      keys: ['shift+p'],
      available: desk.mayRecord === 'pause',
      run: () => void desk.atHand?.recording.toggle(),
    },
  ];
  return wishes.map((wish) => ({ ...wish, group: 'call' }));
}

function transferring(desk: Desk, view: LineView | undefined): Wish[] {
  const { keys } = i18n.t.transfer;
  return [
    {
      id: 'transfer',
      label: keys.open,
      keys: ['r'],
      available: desk.mayTransfer,
      run: () => view?.toggleTransfer(),
    },
    {
      id: 'transfer-complete',
      label: keys.complete,
      keys: ['shift+t'],
      available: desk.isTransferring && desk.atHand?.followed.log.transfer?.mode === 'consult',
      run: () => void desk.atHand?.transferring.complete(),
    },
    {
      id: 'transfer-take-back',
      label: keys.takeBack,
      keys: ['shift+r'],
      available: desk.isTransferring,
      run: () => void desk.atHand?.transferring.takeBack(),
    },
    {
      id: 'call-back',
      label: keys.callBack,
      keys: ['r'],
      available: desk.mayCallBack,
      run: () => void desk.callBack(),
    },
  ];
}
