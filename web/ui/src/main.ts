import { mount } from 'svelte';
import './app.css';
import './controls.css';
import { clock } from './lib/clock.svelte';
import { i18n } from './lib/i18n/i18n.svelte';
import { router } from './lib/router.svelte';
import { session } from './lib/session.svelte';
import { theme } from './lib/theme.svelte';

async function start(): Promise<void> {
  theme.start();
  i18n.start();
  clock.start();
  router.start();
  session.start();
  const { default: App } = await import('./App.svelte');
  const target = document.getElementById('app');
  if (!target) throw new Error('index.html has no #app');
  mount(App, { target });
}

void start();
