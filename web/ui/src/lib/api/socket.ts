/** A WebSocket that comes back: exponential backoff, and an address asked anew each time. */
import { openSocket } from './reach';

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface Clock {
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

export interface ResumingSocketOptions {
  /** Called at each connection: the place to put the last seq. Path only. */
  address: () => string;
  onMessage: (data: unknown) => void;
  onState?: (state: LinkState) => void;
  /** Told when the service refuses for good (signed out, not allowed, no such call). */
  onRefused?: (code: number) => void;
  connect?: (address: string) => WebSocket;
  clock?: Clock;
  random?: () => number;
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;
/** A connection this old proves the service well: the next wait starts small again. */
const STEADY_MS = 5_000;
/** Policy violation, not signed in, not allowed, no such thing: trying again would change nothing. */
const REFUSALS = new Set([1008, 4401, 4403, 4404]);

/** Wait before the nth try (from 0), between half and the whole of a doubling delay. */
export function waitMs(tries: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return full / 2 + (full / 2) * random;
}

export class ResumingSocket {
  private socket: WebSocket | null = null;
  private tries = 0;
  private timer: number | null = null;
  private steady: number | null = null;
  private closed = false;
  private readonly clock: Clock;
  private readonly connect: (address: string) => WebSocket;
  private readonly random: () => number;

  constructor(private readonly options: ResumingSocketOptions) {
    this.clock = options.clock ?? {
      setTimeout: (callback, ms) => window.setTimeout(callback, ms),
      clearTimeout: (id) => window.clearTimeout(id),
    };
    this.connect = options.connect ?? openSocket;
    this.random = options.random ?? Math.random;
    this.open();
  }

  /** Try now rather than at the end of the wait: the network is back. */
  hurry(): void {
    if (this.closed || this.timer === null) return;
    this.clock.clearTimeout(this.timer);
    this.open();
  }

  /** Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.forgetTimers();
    this.socket?.close();
    this.socket = null;
    this.options.onState?.('closed');
  }

  private open(): void {
    this.timer = null;
    this.options.onState?.('connecting');
    const socket = this.connect(this.options.address());
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.options.onState?.('open');
      this.steady = this.clock.setTimeout(() => {
        this.tries = 0;
      }, STEADY_MS);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.socket === socket && typeof event.data === 'string') this.take(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  private take(text: string): void {
    this.options.onMessage(JSON.parse(text));
  }

  private lost(code: number): void {
    this.socket = null;
    this.forgetTimers();
    if (this.closed) return;
    if (REFUSALS.has(code)) {
      this.close();
      this.options.onRefused?.(code);
      return;
    }
    this.options.onState?.('waiting');
    this.timer = this.clock.setTimeout(() => this.open(), waitMs(this.tries, this.random()));
    this.tries += 1;
  }

  private forgetTimers(): void {
    if (this.timer !== null) this.clock.clearTimeout(this.timer);
    if (this.steady !== null) this.clock.clearTimeout(this.steady);
    this.timer = null;
    this.steady = null;
  }
}
