import { describe, expect, it, vi } from 'vitest';
import { AnswerMarks, ASKED } from '../src/call/answer-marks.svelte';
import type { Feedback } from '../src/lib/api/types';

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('what the reader says of answers', () => {
  it('is pressed, taken back, and told in that order however slow the first', async () => {
    const told: [string, Feedback][] = [];
    let slow = true;
    const marks = new AnswerMarks(async (suggestionId, given) => {
      if (slow) await settled();
      slow = false;
      told.push([suggestionId, given]);
    });
    marks.toggle('s', 'e', 'used');
    expect(marks.has('s', 'e', 'used')).toBe(true);
    expect(marks.has('t', 'e', 'used')).toBe(false);
    marks.toggle('s', 'e', 'used');
    expect(marks.has('s', 'e', 'used')).toBe(false);
    await vi.waitFor(() => expect(told.length).toBe(2));
    expect(told.map(([, given]) => given.withdrawn)).toEqual([false, true]);
  });

  it('stands from before the page was loaded', () => {
    const marks = new AnswerMarks(() => Promise.resolve(), [
      { suggestion_id: ASKED, entry_id: 'e', action: 'not_this' },
    ]);
    expect(marks.has(ASKED, 'e', 'not_this')).toBe(true);
    expect(marks.has(ASKED, 'e', 'used')).toBe(false);
  });

  it('tells what was found once, and goes on after a failure', async () => {
    const told: Feedback[] = [];
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const marks = new AnswerMarks((_, given) => {
      told.push(given);
      return told.length === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    marks.shown(['a', 'b']);
    marks.shown(['b', 'c']);
    await vi.waitFor(() => expect(told.map((one) => one.entry_id)).toEqual(['a', 'b', 'c']));
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
