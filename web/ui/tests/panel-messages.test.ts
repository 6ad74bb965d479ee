import { describe, expect, it } from 'vitest';
import { COLOURS, read } from '../src/panel/messages';

const said = (message: object) => read({ souffleur: 1, ...message });

describe('messages of the page around a panel', () => {
  it('are not ours without our name', () => {
    for (const data of [null, 7, 'sign-in', {}, { type: 'sign-in', session: 'x' }]) {
      expect(read(data)).toBeNull();
    }
  });

  it('are refused in another version', () => {
    expect(read({ souffleur: 2, type: 'sign-out' })).toBe('version');
  });

  it('are understood', () => {
    expect(said({ type: 'sign-in', session: 'sfp_x' })).toEqual({ type: 'sign-in', session: 'sfp_x' });
    expect(said({ type: 'select', call_name: 'a@b' })).toEqual({ type: 'select', call_name: 'a@b' });
    expect(said({ type: 'theme', colours: { accent: 'red', other: 'red' } })).toEqual({
      type: 'theme',
      theme: 'system',
      colours: { accent: 'red' },
    });
    expect(said({ type: 'focus', column: 'message' })).toEqual({ type: 'focus', column: 'message' });
  });

  it('are refused when they cannot be', () => {
    for (const message of [
      {},
      { type: 'sign-in' },
      { type: 'sign-in', session: 7 },
      { type: 'sign-in', session: 'x'.repeat(400) },
      { type: 'select' },
      { type: 'select', call_id: 'a', call_name: 'b' },
      { type: 'theme', theme: 'pink' },
      { type: 'theme', colours: 'red' },
      { type: 'theme', colours: { [COLOURS[0]]: {} } },
      { type: 'language', language: 'de' },
      { type: 'focus', column: 'body' },
    ]) {
      expect(said(message), JSON.stringify(message)).toBe('unreadable');
    }
  });
});
