/**
 * What a framed panel and the page around it say to each other, by `postMessage`. Every message is
 * an object with `souffleur: 1`, the version, and a `type`; docs/panel.md lists them. Pure.
 */
export const VERSION = 1;

export const COLUMNS = ['transcript', 'suggestions', 'message'] as const;
export type Column = (typeof COLUMNS)[number];
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** What the page may set of the panel's looks; each is a CSS colour. */
export const COLOURS = [
  'accent',
  'accent-hover',
  'on-accent',
  'accent-soft',
  'accent-text',
  'bg',
  'surface',
  'raised',
  'text',
  'muted',
  'line',
] as const;

export type ToPanel =
  | { type: 'sign-in'; session: string }
  | { type: 'sign-out' }
  | { type: 'select'; call_id?: string; call_name?: string }
  | { type: 'theme'; theme: Theme; colours: Readonly<Record<string, string>> }
  | { type: 'language'; language: 'fr' | 'en' }
  | { type: 'focus'; column: Column };

export type FromPanel =
  | { type: 'ready'; versions: readonly number[] }
  | { type: 'signed-in'; operator_name: string; expires_at: string }
  | { type: 'sign-in-needed'; reason: 'none' | 'ending' | 'over' }
  | { type: 'call-selected'; call_id: string | null; client_id: string | null; client_name: string | null }
  | { type: 'message-approved'; call_id: string; message_id: string }
  | { type: 'copied'; call_id: string; entry_id: string; text: string }
  | { type: 'resized'; width: number; height: number }
  | { type: 'refused'; reason: 'unreadable' | 'version' | 'no-such-call' };

const LONGEST = 300;

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST ? value : null;
}

function one<T extends string>(of: readonly T[], value: unknown): T | null {
  return of.find((known) => known === value) ?? null;
}

function colours(value: unknown): Record<string, string> | null {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) return null;
  const found: Record<string, string> = {};
  for (const name of COLOURS) {
    const colour = (value as Record<string, unknown>)[name];
    if (colour === undefined) continue;
    const said = text(colour);
    if (said === null) return null;
    found[name] = said;
  }
  return found;
}

/** A message of the page's: understood, or why it is not; null when it is none of ours. */
export function read(data: unknown): ToPanel | 'version' | 'unreadable' | null {
  if (typeof data !== 'object' || data === null || !('souffleur' in data)) return null;
  const said = data as Record<string, unknown>;
  if (said['souffleur'] !== VERSION) return 'version';
  switch (said['type']) {
    case 'sign-in': {
      const session = text(said['session']);
      return session === null ? 'unreadable' : { type: 'sign-in', session };
    }
    case 'sign-out':
      return { type: 'sign-out' };
    case 'select': {
      const id = text(said['call_id']);
      const name = text(said['call_name']);
      if ((id === null) === (name === null)) return 'unreadable';
      return { type: 'select', ...(id ? { call_id: id } : {}), ...(name ? { call_name: name } : {}) };
    }
    case 'theme': {
      const theme = one(THEMES, said['theme'] ?? 'system');
      const found = colours(said['colours']);
      return theme === null || found === null ? 'unreadable' : { type: 'theme', theme, colours: found };
    }
    case 'language': {
      const language = one(['fr', 'en'] as const, said['language']);
      return language === null ? 'unreadable' : { type: 'language', language };
    }
    case 'focus': {
      const column = one(COLUMNS, said['column']);
      return column === null ? 'unreadable' : { type: 'focus', column };
    }
    default:
      return 'unreadable';
  }
}
