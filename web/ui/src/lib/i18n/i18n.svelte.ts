/** The language of the pages: the dictionary, and dates, times and numbers as it writes them. */
import type { Language } from '../api/types';
import { parseKept } from '../call/when';
import { en } from './en';
import { fr, type Dictionary } from './fr';

const KEPT_AS = 'souffleur.language';
const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

function isLanguage(value: string | null): value is Language {
  return value === 'fr' || value === 'en';
}

class I18n {
  language = $state<Language>('fr');
  readonly t: Dictionary = $derived(this.language === 'fr' ? fr : en);
  private chosen = false;
  /** What is written in this language: the page, or the panel's part of another's. */
  private written: HTMLElement = document.documentElement;

  /** The language chosen on this computer, else French. */
  start(): void {
    const kept = localStorage.getItem(KEPT_AS);
    if (isLanguage(kept)) {
      this.language = kept;
      this.chosen = true;
    }
    document.documentElement.lang = this.language;
  }

  /** In another site's page only what is ours changes language, and nothing is kept. */
  within(element: HTMLElement, language: Language): void {
    this.written = element;
    this.show(language);
  }

  choose(language: Language): void {
    localStorage.setItem(KEPT_AS, language);
    this.chosen = true;
    this.show(language);
  }

  /** The account's language, unless another was chosen on this computer. */
  prefer(language: Language): void {
    if (!this.chosen) this.show(language);
  }

  private show(language: Language): void {
    this.language = language;
    this.written.lang = language;
  }

  /** Between a label and what it introduces. */
  get colon(): string {
    return this.language === 'fr' ? '\u00a0: ' : ': ';
  }

  /** What opens and closes what somebody said. */
  get quotes(): readonly [string, string] {
    return this.language === 'fr' ? ['«\u00a0', '\u00a0»'] : ['“', '”'];
  }

  quoted(text: string): string {
    return this.quotes.join(text);
  }

  private get locale(): string {
    return LOCALES[this.language];
  }

  /** A language in the language of the pages: `anglais`. */
  languageName(code: string): string {
    return new Intl.DisplayNames(this.locale, { type: 'language' }).of(code) ?? code;
  }

  time(at: string): string {
    return new Date(at).toLocaleTimeString(this.locale, { hour: '2-digit', minute: '2-digit' });
  }

  day(at: string): string {
    return new Date(at).toLocaleDateString(this.locale, { day: 'numeric', month: 'long' });
  }

  /** "14:32" today, "17 mars, 14:32" on other days, with the year when it is not this one. */
  moment(at: string): string {
    const date = new Date(at);
    const now = new Date();
    if (date.toDateString() === now.toDateString()) return this.time(at);
    return date.toLocaleString(this.locale, {
      day: 'numeric',
      month: 'short',
      ...(date.getFullYear() !== now.getFullYear() && { year: 'numeric' }),
      hour: '2-digit',
      minute: '2-digit',
    });
  }

  percent(share: number): string {
    return share.toLocaleString(this.locale, { style: 'percent', maximumFractionDigits: 0 });
  }

  /** Seconds with one decimal. */
  seconds(value: number): string {
    return value.toLocaleString(this.locale, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
  }

  /** A kept moment (`2026-03-18T14:00/18:00`) in words, or null when it is not one. */
  when(text: string): string | null {
    const when = parseKept(text);
    if (!when) return null;
    const day = (iso: string) =>
      new Date(`${iso}T12:00:00`).toLocaleDateString(this.locale, {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        year: 'numeric',
      });
    const french = this.language === 'fr';
    if (when.lastDay) {
      return french
        ? `du ${day(when.day)} au ${day(when.lastDay)}`
        : `${day(when.day)} to ${day(when.lastDay)}`;
    }
    const hour = (time: string) =>
      french ? time.replace(/^0/, '').replace(':', '\u00a0h\u00a0').replace(/\u00a000$/, '') : time;
    if (when.from && when.until) {
      return french
        ? `${day(when.day)}, de ${hour(when.from)} à ${hour(when.until)}`
        : `${day(when.day)}, ${when.from} to ${when.until}`;
    }
    return when.from ? `${day(when.day)}, ${hour(when.from)}` : day(when.day);
  }
}

export const i18n = new I18n();

/** "4:07", "1:02:09": a duration on a clock face. */
export function clockFace(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
