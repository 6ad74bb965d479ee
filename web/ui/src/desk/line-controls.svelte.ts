/** Hold, mute and keys of the call at hand. What holds is what the service told: see `CallLog`. */
import { service } from '../lib/api/service';
import type { CallLog } from '../lib/call/log';
import type { VoiceLink } from '../lib/media/voice-link.svelte';

export interface ControlledCall {
  readonly callId: string;
  readonly voice: VoiceLink;
  readonly followed: { readonly log: CallLog };
}

export class LineControls {
  /** A change of hold is on its way: the caller's telephone may take a while to agree. */
  holding = $state(false);
  /** What went wrong last, until something goes right. */
  failure = $state.raw<unknown>(null);
  /** Keys sent so far, for whoever types them to see. Kept nowhere else. */
  pressed = $state('');
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly call: ControlledCall) {}

  get held(): boolean {
    return this.call.followed.log.held;
  }

  async toggleHold(): Promise<void> {
    if (this.holding) return;
    this.holding = true;
    await this.tried(() => service.hold(this.call.callId, !this.held));
    this.holding = false;
  }

  /** The microphone closes at once; it opens again once the service lets the voice through. */
  async toggleMute(): Promise<void> {
    const muted = !this.call.voice.muted;
    if (muted) this.call.voice.mute(true);
    const done = await this.tried(() => service.mute(this.call.callId, muted));
    if (done) this.call.voice.mute(muted);
  }

  /** One after the other, in the order they were pressed. */
  press(key: string): Promise<void> {
    this.sending = this.sending.then(async () => {
      const done = await this.tried(() => service.pressKeys(this.call.callId, key));
      if (done) this.pressed += key;
    });
    return this.sending;
  }

  private async tried(command: () => Promise<unknown>): Promise<boolean> {
    try {
      await command();
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    }
  }
}
