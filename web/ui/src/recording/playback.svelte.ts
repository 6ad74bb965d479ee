/** A call's recording being listened to: one audio element, its two channels as two voices. */
import type { RecordingView } from '../lib/api/contract';
import { recordings } from '../lib/api/recordings';
import { isAborted } from '../lib/refusals';
import { afterSilence, type Silence } from './silences';

export type Voices = 'both' | 'caller' | 'operator';
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;

/** Web Audio gains of the two channels. */
interface Mix {
  context: AudioContext;
  caller: GainNode;
  operator: GainNode;
}

export class Playback {
  view = $state.raw<RecordingView | null>(null);
  failure = $state.raw<unknown>(null);
  /** Its sound may be asked for: the reason was said, where one is needed. */
  unlocked = $state(false);
  busy = $state(false);
  playing = $state(false);
  unplayable = $state(false);
  /** On the call's clock, that of the words. */
  at_s = $state(0);
  speed = $state(1);
  voices = $state<Voices>('both');
  skips = $state(false);
  silences: readonly Silence[] = [];
  private element: HTMLAudioElement | null = null;
  private mix: Mix | null = null;
  private frame = 0;
  private readonly abort = new AbortController();

  constructor(private readonly callId: string) {
    void this.load();
  }

  get begins_s(): number {
    return this.view?.begins_s ?? 0;
  }

  get ends_s(): number {
    return this.begins_s + (this.view?.duration_s ?? 0);
  }

  /** Ask what there is; again once the call is over. */
  async load(): Promise<void> {
    this.failure = null;
    try {
      const view = await recordings.of(this.callId, this.abort.signal);
      if (this.view === null && view) this.at_s = view.begins_s;
      this.view = view;
      this.unlocked = view !== null && view.may_listen && !view.reason_needed;
    } catch (error) {
      if (!isAborted(error)) this.failure = error;
    }
  }

  /** Say why, then play. */
  async open(reason: string): Promise<void> {
    this.busy = true;
    this.failure = null;
    try {
      await recordings.sayWhy(this.callId, reason);
      this.unlocked = true;
      await this.play();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  }

  async toggle(): Promise<void> {
    if (!this.unlocked) return;
    if (this.playing) this.element?.pause();
    else await this.play();
  }

  /** Go to a place on the call's clock; where it plays it goes on. */
  seek(to_s: number): void {
    const bounded = Math.min(Math.max(to_s, this.begins_s), Math.max(this.begins_s, this.ends_s - 0.05));
    this.at_s = bounded;
    if (this.element) this.element.currentTime = bounded - this.begins_s;
  }

  async playFrom(to_s: number): Promise<void> {
    if (!this.unlocked) return;
    this.seek(to_s);
    if (!this.playing) await this.play();
  }

  step(by_s: number): void {
    this.seek(this.at_s + by_s);
  }

  faster(by: 1 | -1): void {
    const now = SPEEDS.findIndex((speed) => speed === this.speed);
    const next = SPEEDS[Math.min(Math.max(now + by, 0), SPEEDS.length - 1)];
    if (next) this.useSpeed(next);
  }

  useSpeed(speed: number): void {
    this.speed = speed;
    if (this.element) this.element.playbackRate = speed;
  }

  useVoices(voices: Voices): void {
    this.voices = voices;
    this.applyVoices();
  }

  close(): void {
    this.abort.abort();
    cancelAnimationFrame(this.frame);
    if (this.element) {
      this.element.pause();
      this.element.removeAttribute('src');
      this.element.load();
    }
    void this.mix?.context.close();
  }

  private async play(): Promise<void> {
    const element = this.prepare();
    if (this.at_s >= this.ends_s - 0.1) this.seek(this.begins_s);
    await this.mix?.context.resume();
    try {
      await element.play();
    } catch (error) {
      if ((error as DOMException).name === 'NotSupportedError') this.unplayable = true;
      else if ((error as DOMException).name !== 'AbortError') this.failure = error;
    }
  }

  private prepare(): HTMLAudioElement {
    if (this.element) return this.element;
    const element = new Audio(recordings.audio(this.callId));
    element.preservesPitch = true;
    element.playbackRate = this.speed;
    element.currentTime = this.at_s - this.begins_s;
    element.addEventListener('play', () => {
      this.playing = true;
      this.follow();
    });
    element.addEventListener('pause', () => (this.playing = false));
    element.addEventListener('ended', () => (this.playing = false));
    element.addEventListener('error', () => {
      this.playing = false;
      this.unplayable = element.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
    });
    this.element = element;
    this.mix = mixOf(element);
    this.applyVoices();
    return element;
  }

  private applyVoices(): void {
    if (!this.mix) return;
    this.mix.caller.gain.value = this.voices === 'operator' ? 0 : 1;
    this.mix.operator.gain.value = this.voices === 'caller' ? 0 : 1;
  }

  /** Where it is, drawing by drawing, and over the silences. */
  private follow(): void {
    cancelAnimationFrame(this.frame);
    const look = () => {
      if (!this.element || !this.playing) return;
      this.at_s = this.begins_s + this.element.currentTime;
      const next = this.skips ? afterSilence(this.silences, this.at_s) : null;
      if (next !== null) this.seek(next);
      this.frame = requestAnimationFrame(look);
    };
    this.frame = requestAnimationFrame(look);
  }
}

/** Caller left, operator right: each through its own gain, both to both ears. */
function mixOf(element: HTMLAudioElement): Mix {
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(2);
  context.createMediaElementSource(element).connect(splitter);
  const [caller, operator] = [context.createGain(), context.createGain()];
  splitter.connect(caller, 0);
  splitter.connect(operator, 1);
  caller.connect(context.destination);
  operator.connect(context.destination);
  return { context, caller, operator };
}
