/** What a panel shows: whose it is, and the call that is chosen. */
import { onSignedOut, Refusal } from '../lib/api/service';
import type { Far } from '../lib/api/reach';
import { ResumingSocket } from '../lib/api/socket';
import type { CallSummary, Feedback, PanelBoard, PanelSessionView, ShownCard } from '../lib/api/types';
import type { CallService } from '../lib/api/call-service';
import { DraftForm } from '../lib/call/draft-form.svelte';
import { FollowedCall } from '../lib/call/followed-call.svelte';
import type { FromPanel } from './messages';
import { panelCalls, panelService } from './panel-calls';

/** Asked for again this long before the session is over: a call is not cut in two. */
const ENDING_MS = 3 * 60_000;

/** Typed text stays in memory: what another site's page stores is that site's to read. */
class Memory {
  private readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

export class ChosenCall {
  readonly followed: FollowedCall;
  readonly form: DraftForm;

  constructor(
    readonly callId: string,
    calls: CallService,
    storage: Memory,
    onRefused: () => void,
  ) {
    this.followed = new FollowedCall(callId, { live: true, calls, onRefused });
    this.form = new DraftForm({
      callId,
      storage,
      send: (fields, leaving) => calls.editDraft(callId, fields, leaving),
    });
  }

  close(): void {
    void this.form.flush();
    this.form.close();
    this.followed.close();
  }
}

export class Panel {
  operator = $state.raw<PanelSessionView | null>(null);
  chosen = $state.raw<ChosenCall | null>(null);
  board = $state.raw<PanelBoard | null>(null);
  failure = $state.raw<unknown>(null);
  readonly calls: CallService;
  private socket: ResumingSocket | null = null;
  private ending: number | null = null;
  private readonly storage = new Memory();
  /** What was last found by asking. */
  private found: readonly ShownCard[] = [];

  constructor(
    private readonly far: Far,
    private readonly tell: (message: FromPanel) => void,
  ) {
    this.calls = {
      ...panelCalls,
      ask: async (...asked) => (this.found = await panelCalls.ask(...asked)),
      feedback: (callId, suggestionId, body) => {
        if (body.action === 'copied') this.copied(callId, body);
        return panelCalls.feedback(callId, suggestionId, body);
      },
    };
    onSignedOut(() => this.over());
  }

  /** The page around got a session from its server. */
  async signIn(session: string): Promise<void> {
    this.far.secret = session;
    this.failure = null;
    try {
      const known = await panelService.session();
      const another = this.operator !== null && this.operator.operator_id !== known.operator_id;
      if (another) this.put(null);
      this.operator = known;
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 401)) this.failure = error;
      return;
    }
    this.tell({
      type: 'signed-in',
      operator_name: this.operator.operator_name,
      expires_at: this.operator.expires_at,
    });
    this.askInTime(this.operator.expires_at);
    this.follow();
    if (this.chosen) this.resume(this.chosen);
    else await this.last();
  }

  async signOut(): Promise<void> {
    this.put(null);
    const known = this.operator !== null;
    this.operator = null;
    this.close();
    if (known) {
      await panelService.leave().catch((error: unknown) => {
        console.warn('panel session not ended, it ends by itself', error);
      });
    }
    this.far.secret = null;
    this.tell({ type: 'sign-in-needed', reason: 'none' });
  }

  /** Choose a call, by our id or by the name that SIP has for it. */
  async select(by: { call_id?: string; call_name?: string }): Promise<void> {
    try {
      const id = by.call_id ?? (await panelService.named(by.call_name ?? ''))[0]?.id;
      if (id === undefined) this.tell({ type: 'refused', reason: 'no-such-call' });
      else this.put(id);
    } catch (error) {
      this.failure = error;
    }
  }

  close(): void {
    if (this.ending !== null) window.clearTimeout(this.ending);
    this.socket?.close();
    this.socket = null;
  }

  /** Whether a session was handed over, good or not. */
  get asked(): boolean {
    return this.far.secret !== null;
  }

  private over(): void {
    this.operator = null;
    this.close();
    this.tell({ type: 'sign-in-needed', reason: this.asked ? 'over' : 'none' });
  }

  private askInTime(expiresAt: string): void {
    if (this.ending !== null) window.clearTimeout(this.ending);
    const in_ms = Math.max(0, Date.parse(expiresAt) - Date.now() - ENDING_MS);
    this.ending = window.setTimeout(
      () => this.tell({ type: 'sign-in-needed', reason: 'ending' }),
      in_ms,
    );
  }

  /** The call of the day before this one was opened: its message may not be finished. */
  private async last(): Promise<void> {
    try {
      const [last] = await panelService.recent();
      if (last && this.chosen === null) this.put(last.id);
    } catch (error) {
      this.failure = error;
    }
  }

  private resume({ callId, form, followed }: ChosenCall): void {
    if (followed.failure || followed.link === 'closed') void followed.load();
    void form.flush();
    this.announce(callId);
  }

  private follow(): void {
    this.socket?.close();
    this.socket = new ResumingSocket({
      address: () => '/api/panel/socket',
      onMessage: (data) => this.take(data as PanelBoard),
      onRefused: () => this.over(),
    });
  }

  private take(board: PanelBoard): void {
    this.board = board;
    const live = board.calls.filter((call) => call.state === 'live');
    const kept = live.some((call) => call.id === this.chosen?.callId);
    const next = live.at(-1);
    // A message that is being written stays before one's eyes until the next call is answered.
    if (next && !kept) this.put(next.id);
  }

  private put(callId: string | null): void {
    if (callId !== null && callId === this.chosen?.callId) return;
    this.chosen?.close();
    this.chosen =
      callId === null
        ? null
        : new ChosenCall(callId, this.calls, this.storage, () => this.over());
    this.announce(callId);
  }

  private announce(callId: string | null): void {
    const known: CallSummary | undefined = this.board?.calls.find((call) => call.id === callId);
    this.tell({
      type: 'call-selected',
      call_id: callId,
      client_id: known?.client_id ?? null,
      client_name: known?.client_name ?? null,
    });
  }

  private copied(callId: string, body: Feedback): void {
    const offers = this.chosen?.followed.log.offers ?? [];
    const shown = [...offers.flatMap((offer) => offer.cards), ...this.found];
    const card = shown.find((one) => one.entry_id === body.entry_id);
    if (!card) return;
    this.tell({ type: 'copied', call_id: callId, entry_id: card.entry_id, text: card.answer });
  }

  approved(callId: string, messageId: string): void {
    this.tell({ type: 'message-approved', call_id: callId, message_id: messageId });
  }
}
