/** Single-key shortcuts can be turned off: dictation and some aids type letters by themselves. */
const KEPT_AS = 'souffleur.keys';

class KeysOn {
  private on = $state(localStorage.getItem(KEPT_AS) !== 'off');

  get value(): boolean {
    return this.on;
  }

  set value(on: boolean) {
    this.on = on;
    localStorage.setItem(KEPT_AS, on ? 'on' : 'off');
  }
}

export const keysOn = new KeysOn();
