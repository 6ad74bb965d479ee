import { SouffleurPanel } from './element';
import { Frame } from './frame';

/** The framed page listens before its element speaks. */
const framed = document.querySelector('souffleur-panel[framed]');
if (framed) {
  const meant = framed.ownerDocument.createElement('template');
  framed.replaceWith(meant);
  customElements.define('souffleur-panel', SouffleurPanel);
  const element = document.createElement('souffleur-panel') as SouffleurPanel;
  new Frame(element);
  meant.replaceWith(element);
} else if (!customElements.get('souffleur-panel')) {
  customElements.define('souffleur-panel', SouffleurPanel);
}
