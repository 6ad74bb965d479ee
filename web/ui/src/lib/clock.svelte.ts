/** The time, once a second, for waits and durations on screen. */

class Clock {
  now = $state(Date.now());

  start(): void {
    const tick = () => {
      this.now = Date.now();
    };
    window.setInterval(tick, 1000);
    document.addEventListener('visibilitychange', tick);
  }

  /** Whole seconds since a moment; never negative, whatever the two clocks say. */
  since(at: string | null): number {
    return at === null ? 0 : Math.max(0, (this.now - Date.parse(at)) / 1000);
  }
}

export const clock = new Clock();
