/** `<souffleur-panel>`: the side panel in any page, its styles and the page's kept apart. */
import { mount, unmount } from 'svelte';
import { addressOf, reachFromAfar, type Far } from '../lib/api/reach';
import { speak } from '../lib/api/request';
import { clock } from '../lib/clock.svelte';
import { i18n } from '../lib/i18n/i18n.svelte';
import { THEMES, type Column, type FromPanel } from './messages';
import { Panel } from './panel.svelte';
import View from './Panel.svelte';
import { styleSheet } from './styles';

/** The service this script came from. */
const HOME = new URL(import.meta.url).origin;

type ViewExports = { focus: (column: Column) => Promise<void> };

/** One a page: it has one operator. */
export class SouffleurPanel extends HTMLElement {
  static readonly observedAttributes = ['theme', 'language'];

  private readonly far: Far = { base: HOME, secret: null };
  private panel: Panel | null = null;
  private view: (Record<string, unknown> & ViewExports) | null = null;
  private readonly inside = this.attachShadow({ mode: 'open' });

  connectedCallback(): void {
    if (this.panel) return;
    this.far.base = (this.getAttribute('service') ?? HOME).replace(/\/+$/, '');
    reachFromAfar(this.far);
    speak(() => i18n.language);
    clock.start();
    this.inside.adoptedStyleSheets = [styleSheet()];
    this.restyle();
    const panel = new Panel(this.far, (message) => this.tell(message));
    this.panel = panel;
    this.view = mount(View, { target: this.inside, props: { panel } }) as typeof this.view;
    this.tell({ type: 'ready', versions: [1] });
    this.tell({ type: 'sign-in-needed', reason: 'none' });
  }

  disconnectedCallback(): void {
    if (this.view) void unmount(this.view);
    this.panel?.chosen?.close();
    this.panel?.close();
    this.panel = null;
    this.view = null;
    this.far.secret = null;
  }

  attributeChangedCallback(): void {
    if (this.panel) this.restyle();
  }

  /** Let the operator in, with what the page's server got from `POST /api/panel/sessions`. */
  async signIn(session: string): Promise<void> {
    await this.panel?.signIn(session);
    this.restyle();
  }

  async signOut(): Promise<void> {
    await this.panel?.signOut();
  }

  /** Show a call: by its id, or by what SIP calls it (Call-ID). */
  async select(by: { call_id?: string; call_name?: string }): Promise<void> {
    await this.panel?.select(by);
  }

  async focusOn(column: Column): Promise<void> {
    await this.view?.focus(column);
  }

  /** Of the service, whole: for links. */
  addressOf(path: string): string {
    return addressOf(path);
  }

  private restyle(): void {
    const theme = THEMES.find((one) => one === this.getAttribute('theme')) ?? 'system';
    if (theme === 'system') delete this.dataset['theme'];
    else this.dataset['theme'] = theme;
    const wanted = this.getAttribute('language');
    const language = wanted === 'fr' || wanted === 'en' ? wanted : this.panel?.operator?.language;
    i18n.within(this, language ?? 'fr');
  }

  private tell(message: FromPanel): void {
    const { type, ...detail } = message;
    this.dispatchEvent(
      new CustomEvent(`souffleur-${type}`, { detail, bubbles: true, composed: true }),
    );
  }
}
