/**
 * What an operator can do, each with its keys: the keyboard, the palette and the help sheet all
 * read this one list.
 */
export type ActionGroup = 'call' | 'suggestions' | 'message' | 'page';

export interface Action {
  id: string;
  label: string;
  group: ActionGroup;
  /** `a`, `shift+h`, `ctrl+enter`, `alt+1`; none: by the palette only. */
  keys: readonly string[];
  /** False when it would do nothing now: left out of the palette, its keys free. */
  available: boolean;
  /** It goes on while its key is held; else that counts once. */
  goesOn?: boolean;
  run: () => void;
}

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/**
 * The keys of an event as an action names them. Shift counts for letters and named keys only: on
 * a French keyboard `/`, `?` and the digits are typed with it. `Alt` and a digit go by where the
 * key is, whatever it writes.
 */
export function comboOf(event: Pressed): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('ctrl');
  if (event.altKey) parts.push('alt');
  const digit = event.altKey ? /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] : undefined;
  const key = digit ?? (event.key === ' ' ? 'space' : event.key.toLowerCase());
  if (event.shiftKey && !digit && /^(?:[a-z]|[a-z]{2,}.*)$/.test(key)) parts.push('shift');
  return [...parts, key].join('+');
}

/** A key alone: it must never act while somebody writes, and can be turned off. */
export function isSingle(combo: string): boolean {
  return !/^(?:ctrl|alt)\+/.test(combo);
}

const FRENCH: Record<string, string> = {
  ctrl: 'Ctrl',
  alt: 'Alt',
  shift: 'Maj',
  enter: 'Entrée',
  space: 'Espace',
  escape: 'Échap',
};
const ENGLISH: Record<string, string> = {
  ...FRENCH,
  shift: 'Shift',
  enter: 'Enter',
  space: 'Space',
  escape: 'Esc',
};

/** `shift+h` as it is written on the keyboard: "Maj + H". */
export function keyName(combo: string, language: 'fr' | 'en'): string {
  const names = language === 'fr' ? FRENCH : ENGLISH;
  return combo
    .split('+')
    .map((part) => names[part] ?? part.toUpperCase())
    .join(' + ');
}

/** The action that these keys stand for now, if any. */
export function actionOf(actions: readonly Action[], combo: string): Action | null {
  return actions.find((action) => action.available && action.keys.includes(combo)) ?? null;
}
