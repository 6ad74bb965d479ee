/** The desk rings: two soft notes, again every few seconds, until somebody answers. */

const EVERY_MS = 3_000;
const NOTES: readonly { hz: number; at_s: number }[] = [
  { hz: 659.26, at_s: 0 },
  { hz: 830.61, at_s: 0.22 },
];
const NOTE_S = 0.5;
const LOUDNESS = 0.12;

export class Ringer {
  private context: AudioContext | null = null;
  private timer: number | null = null;

  /** Idempotent. Silent until the page was used once: browsers ask for that. */
  start(): void {
    if (this.timer !== null) return;
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') void this.context.resume();
    this.timer = window.setInterval(() => this.chime(), EVERY_MS);
    this.chime();
  }

  /** Idempotent. */
  stop(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    this.timer = null;
    void this.context?.close();
    this.context = null;
  }

  private chime(): void {
    const { context } = this;
    if (!context || context.state !== 'running') return;
    for (const { hz, at_s } of NOTES) {
      const start = context.currentTime + at_s;
      const note = context.createOscillator();
      const gain = context.createGain();
      note.frequency.value = hz;
      // In quickly, out slowly: a bell and not a buzzer.
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
      gain.gain.exponentialRampToValueAtTime(0.0005, start + NOTE_S);
      note.connect(gain).connect(context.destination);
      note.start(start);
      note.stop(start + NOTE_S);
    }
  }
}
