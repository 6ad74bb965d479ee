/**
 * The styles of everything inside, as the build gathers them (vite.panel.config.ts). Adopted, not
 * written into the page: a page's content security policy need not allow inline styles.
 */
import '../app.css';
import '../controls.css';

const GATHERED = '__SOUFFLEUR_STYLES__';

let sheet: CSSStyleSheet | null = null;

export function styleSheet(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(GATHERED);
  }
  return sheet;
}
