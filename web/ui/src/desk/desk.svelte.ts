/** The operator's desk: what rings, the call at hand, and its sound. */
import { Refusal, service } from '../lib/api/service';
import type { CallSummary, OperatorView, WaitingView } from '../lib/api/types';
import { BoardFeed } from '../lib/board.svelte';
import { DraftForm } from '../lib/call/draft-form.svelte';
import { isCarried, isCopied } from '../lib/call/source';
import { FollowedCall } from '../lib/call/followed-call.svelte';
import { isHandedOver, isTransferring } from '../lib/call/log';
import { MicrophoneError } from '../lib/media/sound';
import { SpeakingTab } from '../lib/media/speaking-tab';
import { VoiceLink } from '../lib/media/voice-link.svelte';
import { isStatus } from '../lib/refusals';
import { LineControls } from './line-controls.svelte';
import { Line } from './line-access';
import { RecordingSwitch } from './recording.svelte';
import { Transferring } from './transfer.svelte';

const CALL_KEPT_AS = 'souffleur.desk.call';
const MICROPHONE_KEPT_AS = 'souffleur.microphone';
const RINGER_KEPT_AS = 'souffleur.ringer';
const SPEAKER_KEPT_AS = 'souffleur.speaker';

/** The call on the desk: followed, its message edited, its voice connected while it lasts. */
export class CallAtHand {
  readonly followed: FollowedCall;
  readonly form: DraftForm;
  readonly voice: VoiceLink;
  readonly controls: LineControls;
  readonly transferring: Transferring;
  readonly recording: RecordingSwitch;

  constructor(
    readonly callId: string,
    speaking: SpeakingTab,
    line: Line,
    failed: (error: unknown) => void,
    voice?: VoiceLink,
  ) {
    this.followed = new FollowedCall(callId, { live: true });
    this.form = new DraftForm({
      callId,
      storage: localStorage,
      send: (fields, leaving) => service.editDraft(callId, fields, leaving),
    });
    this.voice =
      voice ??
      new VoiceLink({
        exchange: (offer) => service.answer(callId, offer),
        iceServers: () => line.iceServers(),
        shouldReconnect: () => !this.isOver && speaking.isOurs,
      });
    this.controls = new LineControls(this);
    this.transferring = new Transferring(callId);
    this.recording = new RecordingSwitch(this, failed);
  }

  /** Nobody talks through this desk any more: it ended, or somebody else has the caller. */
  get isOver(): boolean {
    return this.followed.log.state === 'ended' || isHandedOver(this.followed.log);
  }

  close(): void {
    void this.form.flush();
    this.form.close();
    this.voice.close();
    this.followed.close();
  }
}

export type AnswerProblem = 'taken' | 'gone' | 'microphone' | 'other';

export class Desk {
  readonly feed: BoardFeed;
  atHand = $state.raw<CallAtHand | null>(null);
  /** The call being answered, until the service has said yes or no. */
  answering = $state<string | null>(null);
  problem = $state.raw<{ kind: AnswerProblem; error: unknown } | null>(null);
  microphone = $state(localStorage.getItem(MICROPHONE_KEPT_AS) ?? '');
  speaker = $state(localStorage.getItem(SPEAKER_KEPT_AS) ?? '');
  /** Whether calls can go out: transfers, calls back. */
  callsOut = $state(false);
  private readonly line = new Line();
  /** Another tab of this browser has the sound. */
  elsewhere = $state(false);
  private readonly speaking = new SpeakingTab(() => {
    this.elsewhere = true;
    this.atHand?.voice.close();
  });
  /** Calls that wait are heard, not only seen. */
  rings = $state(localStorage.getItem(RINGER_KEPT_AS) !== 'off');
  private settled = false;
  /** Calls left here: the board may take a moment to know that they are over. */
  private readonly left = new Set<string>();

  constructor(private readonly operatorId: string) {
    this.feed = new BoardFeed();
    void this.line.access().then(({ calls_out }) => (this.callsOut = calls_out));
  }

  /** Calls that ring here, the longest waiting first: this operator's turn. */
  get ringing(): CallSummary[] {
    const mine = this.waiting.filter((one) => one.rings.includes(this.operatorId));
    return mine.flatMap((one) => this.callOf(one.call_id) ?? []);
  }

  /** Calls that wait for anybody, the longest waiting first. */
  get waiting(): WaitingView[] {
    return this.feed.board?.waiting ?? [];
  }

  /** Another value: what is written to clients changed. */
  get inbox(): string {
    return this.feed.board?.inbox ?? '';
  }

  callOf(callId: string): CallSummary | undefined {
    return this.feed.board?.calls.find((call) => call.id === callId);
  }

  /** Oneself, as colleagues see one. */
  get self(): OperatorView | undefined {
    return this.feed.board?.operators.find((one) => one.user_id === this.operatorId);
  }

  /** The call at hand as the board has it, while it lasts. */
  get summary(): CallSummary | null {
    const id = this.atHand?.callId;
    return this.feed.board?.calls.find((call) => call.id === id) ?? null;
  }

  /** Each time the board changes: find one's own live call again, after a reload say. */
  boardChanged(): void {
    const calls = this.feed.board?.calls;
    if (!calls) return;
    const first = !this.settled;
    this.settled = true;
    const mine = calls.filter((call) => this.isMine(call));
    if (this.answering !== null || mine.some((call) => call.id === this.atHand?.callId)) return;
    // People before recordings.
    const next = mine.find((call) => call.source !== 'replay') ?? mine[0];
    const kept = localStorage.getItem(CALL_KEPT_AS);
    if (next) {
      this.take(next.id);
      const carried = isCarried(next.source);
      if (carried) void this.connectVoice({ steal: false });
    } else if (first && this.atHand === null && kept) {
      this.take(kept);
    }
  }

  /** Answer: the microphone first, so that nobody is taken off hold to be met with silence. */
  async answer(callId: string): Promise<void> {
    if (this.answering !== null || this.isTalking) return;
    this.answering = callId;
    this.problem = null;
    const next = this.atHandOf(callId);
    try {
      await this.speaking.claim(true);
      this.elsewhere = false;
      await next.voice.open(this.microphone);
      this.put(next);
      void next.followed.load();
    } catch (error) {
      next.close();
      this.problem = { kind: problemOf(error), error };
    } finally {
      this.answering = null;
    }
  }

  /** Call a number in a client's name. The microphone comes first here too. */
  async callOut(clientId: string, number: string): Promise<void> {
    if (this.answering !== null || this.isTalking) return;
    this.answering = '';
    this.problem = null;
    const placed: { next: CallAtHand | null } = { next: null };
    const voice: VoiceLink = new VoiceLink({
      exchange: async (offer) => {
        if (placed.next) return service.answer(placed.next.callId, offer);
        const { call_id, answer } = await service.callOut(clientId, number, offer);
        placed.next = this.atHandOf(call_id, voice);
        return answer;
      },
      iceServers: () => this.line.iceServers(),
      shouldReconnect: () => placed.next !== null && !placed.next.isOver && this.speaking.isOurs,
    });
    try {
      await this.speaking.claim(true);
      this.elsewhere = false;
      await voice.open(this.microphone);
      if (placed.next) {
        this.put(placed.next);
        void placed.next.followed.load();
      }
    } catch (error) {
      voice.close();
      placed.next?.close();
      this.problem = { kind: problemOf(error) === 'microphone' ? 'microphone' : 'other', error };
    } finally {
      this.answering = null;
    }
  }

  /** Whoever was called back has not answered yet. */
  get isCalling(): boolean {
    const { detail, log } = this.atHand?.followed ?? {};
    return detail?.call.source === 'outgoing' && log?.state === 'ringing' && !this.isWatching;
  }

  /** The call at hand is a colleague's: it is read. */
  get isWatching(): boolean {
    const who = this.summary?.operator_id ?? this.atHand?.followed.detail?.call.operator_id ?? null;
    return who !== null && who !== this.operatorId;
  }

  get isTalking(): boolean {
    if (this.atHand === null || this.isWatching) return false;
    return this.atHand.followed.log.state === 'live' && !this.atHand.isOver;
  }

  /** Calls of colleagues, in conversation now. */
  get colleagues(): CallSummary[] {
    return (this.feed.board?.calls ?? []).filter(
      (call) => call.state === 'live' && call.operator_id !== null && !this.isMine(call) && call.operator_id !== this.operatorId,
    );
  }

  /** Somebody else is being called for the caller. */
  get isTransferring(): boolean {
    return this.atHand !== null && isTransferring(this.atHand.followed.log);
  }

  /** Hold, mute, keys: the line is a transfer's until the caller is back. */
  get mayControl(): boolean {
    return this.isCarried && !this.isTransferring;
  }

  get mayTransfer(): boolean {
    return this.callsOut && this.mayControl;
  }

  get mayCallBack(): boolean {
    const { detail, log } = this.atHand?.followed ?? {};
    return this.callsOut && !!detail?.call.caller_number && log?.state === 'ended';
  }

  async callBack(): Promise<void> {
    const call = this.atHand?.followed.detail?.call;
    if (call?.caller_number) await this.callOut(call.client_id, call.caller_number);
  }

  /** Talking through this desk: not on a PBX's telephone, nor a recording. */
  get isCarried(): boolean {
    const source = this.atHand?.followed.detail?.call.source;
    return this.isTalking && source !== undefined && isCarried(source);
  }

  /** A PBX ends the calls it keeps. */
  get mayHangUp(): boolean {
    const source = this.atHand?.followed.detail?.call.source;
    const going = this.isTalking || this.isCalling;
    return going && source !== undefined && !isCopied(source);
  }

  /** Look at a call of one's own that is over, to finish its message, or at a colleague's. */
  open(callId: string): void {
    if (!this.isTalking) this.take(callId);
  }

  /** Connect the sound of the call at hand; with `steal`, even if another tab has it. */
  async connectVoice({ steal }: { steal: boolean }): Promise<void> {
    const atHand = this.atHand;
    if (!atHand) return;
    this.problem = null;
    this.elsewhere = !(await this.speaking.claim(steal));
    if (this.elsewhere || this.atHand !== atHand) return;
    try {
      await atHand.voice.open(this.microphone);
    } catch (error) {
      // The page says so beside the sound, with the way to try again.
      if (!(error instanceof MicrophoneError)) this.problem = { kind: 'other', error };
    }
  }

  async hangUp(): Promise<void> {
    const atHand = this.atHand;
    if (!atHand) return;
    try {
      await service.hangUp(atHand.callId);
      atHand.voice.close();
    } catch (error) {
      if (!isStatus(error, 404, 409)) this.problem = { kind: 'other', error };
    }
  }

  /** Stop listening to the call at hand, or go on; the event that comes back shows it. */
  async pause(paused: boolean): Promise<void> {
    const atHand = this.atHand;
    if (!atHand) return;
    try {
      await service.pause(atHand.callId, paused);
    } catch (error) {
      this.problem = { kind: 'other', error };
    }
  }

  /** Somebody of ours is in conversation: a recording has nobody who could pause it. */
  get mayPause(): boolean {
    return this.isTalking && this.summary?.operator_id === this.operatorId;
  }

  /** The recording of the call at hand: to be begun, or to be paused and resumed. */
  get mayRecord(): 'begin' | 'pause' | null {
    const { recording, followed } = this.atHand ?? {};
    if (!this.mayPause || !recording?.may) return null;
    return followed?.log.recording?.state === 'off' ? 'begin' : 'pause';
  }

  /** Leave the call at hand, once it is over. */
  finish(): void {
    if (this.isTalking || this.isCalling || this.atHand === null) return;
    this.left.add(this.atHand.callId);
    this.put(null);
  }

  async useMicrophone(deviceId: string): Promise<void> {
    this.microphone = deviceId;
    localStorage.setItem(MICROPHONE_KEPT_AS, deviceId);
    await this.atHand?.voice.useMicrophone(deviceId);
  }

  useSpeaker(deviceId: string): void {
    this.speaker = deviceId;
    localStorage.setItem(SPEAKER_KEPT_AS, deviceId);
  }

  ring(on: boolean): void {
    this.rings = on;
    localStorage.setItem(RINGER_KEPT_AS, on ? 'on' : 'off');
  }

  close(): void {
    this.feed.close();
    this.atHand?.close();
    this.speaking.close();
  }

  private isMine(call: CallSummary): boolean {
    if (call.state !== 'live' || this.left.has(call.id)) return false;
    if (call.transfer === 'completed') return false;
    // A recording played into the desk has nobody on the operator's side.
    return call.operator_id === this.operatorId || (call.source === 'replay' && !call.operator_id);
  }

  private atHandOf(callId: string, voice?: VoiceLink): CallAtHand {
    const failed = (error: unknown) => (this.problem = { kind: 'other', error });
    return new CallAtHand(callId, this.speaking, this.line, failed, voice);
  }

  private take(callId: string): void {
    this.put(this.atHandOf(callId));
  }

  private put(next: CallAtHand | null): void {
    this.atHand?.close();
    this.atHand = next;
    if (next) localStorage.setItem(CALL_KEPT_AS, next.callId);
    else localStorage.removeItem(CALL_KEPT_AS);
  }
}

function problemOf(error: unknown): AnswerProblem {
  if (error instanceof MicrophoneError) return 'microphone';
  if (error instanceof Refusal && error.code === 'taken') return 'taken';
  return isStatus(error, 404, 409, 410) ? 'gone' : 'other';
}
