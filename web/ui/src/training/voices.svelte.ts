/** The voices of an exercise made from a recorded call, one after the other as they are said. */
export class Voices {
  /** A voice could not be played: what is written goes on. */
  failed = $state(false);
  private readonly waiting: string[] = [];
  private readonly begun = new Set<string>();
  private playing: HTMLAudioElement | null = null;

  constructor(
    private readonly heard: ReadonlySet<string>,
    private readonly address: (utteranceId: string) => string,
  ) {}

  /** These are being said, or were: each voice is played once. */
  say(utteranceIds: readonly string[]): void {
    for (const id of utteranceIds) {
      if (!this.heard.has(id) || this.begun.has(id)) continue;
      this.begun.add(id);
      this.waiting.push(id);
    }
    if (this.playing === null) this.next();
  }

  close(): void {
    this.waiting.length = 0;
    this.playing?.pause();
    this.playing = null;
  }

  private next(): void {
    const id = this.waiting.shift();
    this.playing = null;
    if (id === undefined) return;
    const sound = new Audio(this.address(id));
    this.playing = sound;
    const over = () => {
      if (this.playing === sound) this.next();
    };
    const lost = () => {
      this.failed = true;
      over();
    };
    sound.onended = over;
    sound.onerror = lost;
    sound.play().then(() => (this.failed = false), lost);
  }
}
