import { describe, expect, it } from 'vitest';
import { ResumingSocket, waitMs, type Clock, type LinkState } from '../src/lib/api/socket';

/** A connection in the test's hands. */
class Line {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;

  constructor(readonly address: string) {}

  close(): void {
    this.closed = true;
  }
}

class Hand implements Clock {
  private next = 1;
  readonly waiting = new Map<number, { callback: () => void; ms: number }>();

  setTimeout(callback: () => void, ms: number): number {
    this.waiting.set(this.next, { callback, ms });
    return this.next++;
  }

  clearTimeout(id: number): void {
    this.waiting.delete(id);
  }

  /** Let the only wait end; how long it was. */
  pass(): number {
    const [entry] = [...this.waiting];
    if (!entry) throw new Error('nothing waits');
    this.waiting.delete(entry[0]);
    entry[1].callback();
    return entry[1].ms;
  }
}

function start() {
  const lines: Line[] = [];
  const clock = new Hand();
  const states: LinkState[] = [];
  const heard: unknown[] = [];
  const refused: number[] = [];
  let seq = 0;
  const socket = new ResumingSocket({
    address: () => `/socket?since=${seq}`,
    onMessage: (data) => {
      heard.push(data);
      seq = (data as { seq: number }).seq;
    },
    onState: (state) => states.push(state),
    onRefused: (code) => refused.push(code),
    connect: (address) => {
      const line = new Line(address);
      lines.push(line);
      return line as unknown as WebSocket;
    },
    clock,
    random: () => 1,
  });
  const line = () => lines.at(-1) as Line;
  return { socket, lines, line, clock, states, heard, refused };
}

describe('a resuming socket', () => {
  it('comes back from where it was', () => {
    const { line, clock, heard, lines } = start();
    line().onopen?.();
    line().onmessage?.({ data: '{"seq":41}' });
    line().onclose?.({ code: 1006 });
    clock.pass();
    expect(lines.map((one) => one.address)).toEqual(['/socket?since=0', '/socket?since=41']);
    expect(heard).toEqual([{ seq: 41 }]);
  });

  it('waits longer each time, up to ten seconds, and short again after a steady while', () => {
    const { line, clock } = start();
    const waits = Array.from({ length: 7 }, () => {
      line().onclose?.({ code: 1006 });
      return clock.pass();
    });
    expect(waits).toEqual([400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    line().onopen?.();
    clock.pass();
    line().onclose?.({ code: 1006 });
    expect(clock.pass()).toBe(400);
  });

  it('does not insist when it is refused', () => {
    const { line, clock, refused, states } = start();
    line().onclose?.({ code: 4404 });
    expect(refused).toEqual([4404]);
    expect(states.at(-1)).toBe('closed');
    expect(clock.waiting.size).toBe(0);
  });

  it('is quiet once closed', () => {
    const { socket, line, clock, heard, lines } = start();
    line().onopen?.();
    const last = line();
    socket.close();
    socket.close();
    expect(last.closed).toBe(true);
    last.onmessage?.({ data: '{"seq":1}' });
    last.onclose?.({ code: 1000 });
    expect(heard).toEqual([]);
    expect(clock.waiting.size).toBe(0);
    expect(lines).toHaveLength(1);
  });

  it('hurries when the network is back', () => {
    const { socket, line, clock, lines } = start();
    line().onclose?.({ code: 1006 });
    socket.hurry();
    expect(lines).toHaveLength(2);
    expect(clock.waiting.size).toBe(0);
  });

  it('spreads returns so that all desks do not come back at once', () => {
    expect(waitMs(0, 0)).toBe(200);
    expect(waitMs(3, 0.5)).toBe(2400);
    expect(waitMs(30, 1)).toBe(10_000);
  });
});
