/** The recording of the call at hand. What holds is what the service told: see `CallLog`. */
import { recordings } from '../lib/api/recordings';
import type { CallLog } from '../lib/call/log';

/** Whether the operator can begin, pause or resume it now. */
export function mayRecord(log: CallLog): boolean {
  const now = log.recording;
  if (!now || log.state !== 'live') return false;
  if (now.state === 'off') return now.reason === 'on_demand';
  return now.state === 'recording' || (now.state === 'paused' && !log.paused);
}

export class RecordingSwitch {
  busy = $state(false);

  constructor(
    private readonly call: { readonly callId: string; readonly followed: { readonly log: CallLog } },
    private readonly failed: (error: unknown) => void,
  ) {}

  get may(): boolean {
    return mayRecord(this.call.followed.log);
  }

  async toggle(): Promise<void> {
    if (this.busy || !this.may) return;
    this.busy = true;
    try {
      const { state } = this.call.followed.log.recording ?? {};
      await recordings.switch(this.call.callId, state !== 'recording');
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
    }
  }
}
