/** Giving the call at hand to somebody else. What holds is what the service told: see `CallLog`. */
import { service } from '../lib/api/service';
import type { TransferWish } from '../lib/api/types';

export class Transferring {
  /** A command is on its way. */
  busy = $state(false);
  /** What went wrong last, until something goes right. */
  failure = $state.raw<unknown>(null);
  /** The transfer whose end the operator has read. */
  read = $state('');

  constructor(private readonly callId: string) {}

  begin(wish: TransferWish): Promise<boolean> {
    return this.tried(() => service.transfer(this.callId, wish));
  }

  bringTogether(): Promise<boolean> {
    return this.tried(() => service.bringTogether(this.callId));
  }

  complete(): Promise<boolean> {
    return this.tried(() => service.completeTransfer(this.callId));
  }

  takeBack(): Promise<boolean> {
    return this.tried(() => service.takeBack(this.callId));
  }

  private async tried(command: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await command();
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
