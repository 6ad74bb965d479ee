/** Light, dark, or as the computer is set. */

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEMES)[number];

const KEPT_AS = 'souffleur.theme';

class Theme {
  choice = $state<ThemeChoice>('system');

  start(): void {
    const kept = localStorage.getItem(KEPT_AS);
    const found = THEMES.find((one) => one === kept);
    if (found) this.show(found);
  }

  choose(choice: ThemeChoice): void {
    localStorage.setItem(KEPT_AS, choice);
    this.show(choice);
  }

  private show(choice: ThemeChoice): void {
    this.choice = choice;
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }
}

export const theme = new Theme();
