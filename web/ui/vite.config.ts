import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { shipped } from './shipped.ts';

const service = process.env.SOUFFLEUR_SERVICE ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/',
  plugins: [svelte(), shipped],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    assetsDir: 'assets',
    // No data: addresses in the page: the content security policy allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // light-dark() is kept as it is.
    cssTarget: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
  },
  server: {
    port: 5173,
    proxy: { '/api': { target: service, ws: true } },
  },
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
  },
});
