/** The panel: one script, its styles within, for pages that are not ours. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { shipped } from './shipped.ts';

const THEMED = [
  'accent', 'accent-hover', 'on-accent', 'accent-soft', 'accent-text', 'bg', 'surface', 'raised',
  'text', 'muted', 'line',
];

/** The page's styles, for the inside of an element: its root is the host, its sizes its own. */
function within(css: string): string {
  let text = css
    .replace(/:root\[([^\]]+)\]/g, ':host([$1])')
    .replace(/:root/g, ':host')
    .replace(/(\d*\.?\d+)rem\b/g, (_, size: string) => `${Number(size) * 16}px`);
  for (const name of THEMED) {
    text = text.replace(
      new RegExp(`(:host\\{[^}]*?--${name}:)([^;}]+)`),
      (_, before: string, value: string) => `${before}var(--souffleur-${name},${value})`,
    );
  }
  return `${text}:host{display:block;height:100%;min-height:0;contain:content}`;
}

const styles: Plugin = {
  name: 'souffleur-styles-within',
  enforce: 'post',
  generateBundle(_, bundle) {
    let css = '';
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type === 'asset' && name.endsWith('.css')) {
        css += String(file.source);
        delete bundle[name];
      }
    }
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') {
        file.code = file.code.replace(/(["'`])__SOUFFLEUR_STYLES__\1/, () => JSON.stringify(within(css)));
      }
    }
  },
};

export default defineConfig({
  plugins: [svelte(), styles, shipped],
  publicDir: false,
  build: {
    outDir: '../static/panel',
    emptyOutDir: true,
    cssCodeSplit: false,
    target: 'es2022',
    cssTarget: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    lib: { entry: 'src/panel/main.ts', formats: ['es'], fileName: () => 'souffleur-panel.js' },
    // One script, what the desk loads late too.
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
