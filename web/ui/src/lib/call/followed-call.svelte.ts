/** One call as a page follows it: its detail, then its events, batched, resumed after a loss. */
import { deskCalls, type CallService } from '../api/call-service';
import { ResumingSocket, type LinkState } from '../api/socket';
import type { CallDetail, EventView } from '../api/types';
import { isAborted } from '../refusals';
import { session } from '../session.svelte';
import { Earlier } from './earlier.svelte';
import { apply, EMPTY_LOG, fromDetail, withEarlier, type CallLog } from './log';

/** Events are shown together this often: 200 a second must not mean 200 drawings. */
const BATCH_MS = 40;
/** More events than this at once: fewer drawings leave the page time for who is typing. */
const MANY = 5;
const BUSY_BATCH_MS = 120;

export interface FollowOptions {
  /** Follow what happens next, not only what happened. */
  live: boolean;
  calls?: CallService;
  /** The link is refused for good; the desk asks whether the session is over. */
  onRefused?: () => void;
}

export class FollowedCall {
  detail = $state.raw<CallDetail | null>(null);
  log = $state.raw<CallLog>(EMPTY_LOG);
  failure = $state.raw<unknown>(null);
  link = $state<LinkState>('connecting');
  private socket: ResumingSocket | null = null;
  private waiting: EventView[] = [];
  private timer: number | null = null;
  private pace_ms = BATCH_MS;
  /** What was said before a long call's last words. */
  readonly earlier: Earlier;
  private readonly calls: CallService;
  private readonly abort = new AbortController();
  private readonly hurry = () => this.socket?.hurry();

  constructor(
    readonly callId: string,
    private readonly options: FollowOptions,
  ) {
    this.calls = options.calls ?? deskCalls;
    this.earlier = new Earlier(
      (before) => this.calls.saidBefore(this.callId, before, this.abort.signal),
      (events) => (this.log = withEarlier(this.log, events)),
    );
    window.addEventListener('online', this.hurry);
    void this.load();
  }

  async load(): Promise<void> {
    this.failure = null;
    try {
      const detail = await this.calls.call(this.callId, this.abort.signal);
      this.detail = detail;
      this.log = fromDetail(detail);
      this.earlier.before = detail.earlier ?? null;
      if (this.options.live) this.follow();
    } catch (error) {
      if (!isAborted(error)) this.failure = error;
    }
  }

  close(): void {
    this.abort.abort();
    window.removeEventListener('online', this.hurry);
    if (this.timer !== null) window.clearTimeout(this.timer);
    this.socket?.close();
  }

  /** A message approved here: shown at once, before its event comes back. */
  withLog(change: (log: CallLog) => CallLog): void {
    this.log = change(this.log);
  }

  private follow(): void {
    this.socket?.close();
    this.socket = new ResumingSocket({
      address: () => this.calls.socket(this.callId, this.log.lastSeq),
      onMessage: (data) => this.take(data as EventView),
      onState: (state) => {
        this.link = state;
      },
      onRefused: () => void (this.options.onRefused ?? (() => session.check()))(),
    });
  }

  private take(event: EventView): void {
    this.waiting.push(event);
    this.timer ??= window.setTimeout(() => this.show(), this.pace_ms);
  }

  private show(): void {
    this.timer = null;
    const events = this.waiting;
    this.waiting = [];
    this.pace_ms = events.length > MANY ? BUSY_BATCH_MS : BATCH_MS;
    this.log = apply(this.log, events);
    // A call that is over is read, and listened to, from its first word.
    if (this.log.state === 'ended') void this.earlier.all();
  }
}
