/** The framed page: the element, spoken to by `postMessage` from the pages that are allowed. */
import { SouffleurPanel } from './element';
import { COLOURS, read, VERSION, type FromPanel } from './messages';

const TOLD: readonly FromPanel['type'][] = [
  'ready',
  'signed-in',
  'sign-in-needed',
  'call-selected',
  'message-approved',
  'copied',
  'refused',
];

function allowed(): readonly string[] {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="souffleur-origins"]');
  return (meta?.content ?? '').split(' ').filter((origin) => origin !== '');
}

export class Frame {
  private readonly origins = allowed();
  /** Of the page around, once it has spoken; else those it may have. */
  private page: string | null = null;

  constructor(private readonly element: SouffleurPanel) {
    const referrer = document.referrer ? new URL(document.referrer).origin : null;
    if (referrer !== null && this.origins.includes(referrer)) this.page = referrer;
    window.addEventListener('message', (event) => void this.heard(event));
    for (const type of TOLD) {
      element.addEventListener(`souffleur-${type}`, (event) =>
        this.tell({ type, ...(event as CustomEvent<object>).detail } as FromPanel),
      );
    }
    this.dress();
    new ResizeObserver(() => this.tell({ type: 'resized', ...this.size() })).observe(element);
  }

  private async heard(event: MessageEvent<unknown>): Promise<void> {
    // Only the page around, and only when it is one of those that are allowed.
    if (event.source !== window.parent || !this.origins.includes(event.origin)) return;
    const message = read(event.data);
    if (message === null) return;
    this.page = event.origin;
    if (typeof message === 'string') {
      this.tell({ type: 'refused', reason: message });
      return;
    }
    switch (message.type) {
      case 'sign-in':
        return this.element.signIn(message.session);
      case 'sign-out':
        return this.element.signOut();
      case 'select':
        return this.element.select(message);
      case 'focus':
        window.focus();
        return this.element.focusOn(message.column);
      case 'language':
        this.element.setAttribute('language', message.language);
        document.documentElement.lang = message.language;
        return;
      case 'theme':
        this.element.setAttribute('theme', message.theme);
        for (const name of COLOURS) {
          const colour = message.colours[name];
          const property = `--souffleur-${name}`;
          if (colour !== undefined && CSS.supports('color', colour)) {
            this.element.style.setProperty(property, colour);
          } else {
            this.element.style.removeProperty(property);
          }
        }
    }
  }

  private tell(message: FromPanel): void {
    if (window.parent === window) return;
    const whom = this.page === null ? this.origins : [this.page];
    // A browser delivers it to nobody of another origin.
    for (const origin of whom) window.parent.postMessage({ souffleur: VERSION, ...message }, origin);
  }

  private size(): { width: number; height: number } {
    return { width: this.element.offsetWidth, height: this.element.offsetHeight };
  }

  /** The element fills the frame. */
  private dress(): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('html, body, main { height: 100%; margin: 0 } body { overflow: hidden }');
    document.adoptedStyleSheets = [sheet];
  }
}
