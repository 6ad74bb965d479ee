import { describe, expect, it } from 'vitest';
import { actionOf, comboOf, isSingle, keyName, type Action } from '../src/desk/actions';

function key(key: string, more: Partial<Record<string, boolean | string>> = {}) {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, code: '' };
  return { ...none, key, ...more } as Parameters<typeof comboOf>[0];
}

describe('the keys of an event', () => {
  it('names letters with their modifiers', () => {
    expect(comboOf(key('a'))).toBe('a');
    expect(comboOf(key('H', { shiftKey: true }))).toBe('shift+h');
    expect(comboOf(key('k', { ctrlKey: true }))).toBe('ctrl+k');
    expect(comboOf(key('k', { metaKey: true }))).toBe('ctrl+k');
    expect(comboOf(key('Enter', { ctrlKey: true }))).toBe('ctrl+enter');
    expect(comboOf(key(' '))).toBe('space');
  });

  it('finds / and ? where a French keyboard types them with shift', () => {
    expect(comboOf(key('/', { shiftKey: true, code: 'Period' }))).toBe('/');
    expect(comboOf(key('?', { shiftKey: true, code: 'KeyM' }))).toBe('?');
  });

  it('finds Alt and a digit where a French keyboard writes &', () => {
    expect(comboOf(key('&', { altKey: true, code: 'Digit1' }))).toBe('alt+1');
  });

  it('never takes an upper-case letter for the letter alone', () => {
    expect(comboOf(key('C', { shiftKey: true }))).not.toBe('c');
    expect(comboOf(key('c', { ctrlKey: true }))).not.toBe('c');
  });
});

describe('actions', () => {
  const action = (id: string, keys: string[], available = true): Action => ({
    id,
    keys,
    available,
    label: id,
    group: 'page',
    run: () => undefined,
  });

  it('are found by their keys when they make sense', () => {
    const actions = [action('one', ['a'], false), action('two', ['a', 'enter'])];
    expect(actionOf(actions, 'a')?.id).toBe('two');
    expect(actionOf(actions, 'enter')?.id).toBe('two');
    expect(actionOf(actions, 'b')).toBeNull();
  });

  it('tell keys alone from chords', () => {
    expect(['a', 'shift+h', '?', 'enter'].map(isSingle)).toEqual([true, true, true, true]);
    expect(['ctrl+k', 'alt+1'].map(isSingle)).toEqual([false, false]);
  });

  it('are labelled as the keyboard is', () => {
    expect(keyName('shift+h', 'fr')).toBe('Maj + H');
    expect(keyName('ctrl+enter', 'fr')).toBe('Ctrl + Entrée');
    expect(keyName('shift+h', 'en')).toBe('Shift + H');
  });
});
