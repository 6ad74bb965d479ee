/** A supervisor's ear on one call: joined with a reason, then listening, whispering or barging in. */
import { service } from '../lib/api/service';
import type { SupervisorPart } from '../lib/api/types';
import { VoiceLink } from '../lib/media/voice-link.svelte';

export class Ear {
  /** What is taken in the call now; null before joining and after leaving. */
  part = $state<SupervisorPart | null>(null);
  busy = $state(false);
  failure = $state.raw<unknown>(null);
  readonly voice: VoiceLink;
  private reason = '';
  /** What the next connection asks for. */
  private wanted: SupervisorPart = 'listen';

  constructor(
    private readonly callId: string,
    private readonly isOver: () => boolean,
  ) {
    this.voice = new VoiceLink({
      exchange: (offer) =>
        service.supervise(callId, { offer, part: this.wanted, reason: this.reason }),
      shouldReconnect: () => this.part !== null && !this.isOver(),
    });
  }

  async join(part: SupervisorPart, reason: string): Promise<void> {
    if (this.busy || this.part !== null) return;
    this.reason = reason;
    this.wanted = part;
    this.voice.mute(part === 'listen');
    await this.tried(async () => {
      await this.voice.open('');
      this.part = part;
    });
  }

  /** The microphone opens once the service sends the voice where it should go, and no sooner. */
  async change(part: SupervisorPart): Promise<void> {
    if (this.busy || this.part === null || this.part === part) return;
    if (part === 'listen') this.voice.mute(true);
    await this.tried(async () => {
      await service.changeSupervision(this.callId, part);
      this.part = this.wanted = part;
    });
    this.voice.mute(this.part === 'listen');
  }

  /** Idempotent. */
  leave(): void {
    if (this.part === null) return;
    this.part = null;
    this.voice.close();
    // The service also notices by itself, a little later.
    service.leaveSupervision(this.callId).catch((error: unknown) => {
      console.warn('leaving was not told', error);
    });
  }

  private async tried(command: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failure = null;
    try {
      await command();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  }
}
