/**
 * Only one tab of a browser speaks for the operator: two would take the call's voice from one
 * another without end, each believing that it was cut.
 */

const LOCK = 'souffleur.voice';

export class SpeakingTab {
  private owned = false;
  private release: (() => void) | null = null;
  /** Which claim holds now: the end of an earlier one says nothing. */
  private claims = 0;

  /** `onTaken` is told when another tab takes the voice. */
  constructor(private readonly onTaken: () => void) {}

  get isOurs(): boolean {
    return this.owned;
  }

  /** Take the voice when no other tab has it, or in any case with `steal`. True when it is ours. */
  claim(steal: boolean): Promise<boolean> {
    // Without a secure context there are no locks, and no microphone either: that is said later.
    if (this.owned || !('locks' in navigator)) return Promise.resolve(true);
    this.claims += 1;
    const claim = this.claims;
    return new Promise((resolve) => {
      navigator.locks
        .request(LOCK, steal ? { steal } : { ifAvailable: true }, (lock) => {
          this.owned = lock !== null;
          resolve(this.owned);
          if (lock === null) return undefined;
          return new Promise<void>((release) => {
            this.release = release;
          });
        })
        .catch(() => {
          if (claim !== this.claims) return;
          // Taken by another tab.
          this.owned = false;
          this.onTaken();
        });
    });
  }

  /** Idempotent. */
  close(): void {
    this.claims += 1;
    this.owned = false;
    this.release?.();
    this.release = null;
  }
}
