/** Times of an agenda as people of its place read them, wherever the page is shown. */

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;
type Language = keyof typeof LOCALES;

export function dayOf(at: string, zone: string, language: Language): string {
  return new Date(at).toLocaleDateString(LOCALES[language], {
    timeZone: zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
}

export function hourOf(at: string, zone: string, language: Language): string {
  return new Date(at).toLocaleTimeString(LOCALES[language], {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** "mercredi 18 mars, 14:30" */
export function timeOf(at: string, zone: string, language: Language): string {
  return `${dayOf(at, zone, language)}, ${hourOf(at, zone, language)}`;
}

/** In the order given, those of one day together. */
export function byDay<T>(items: readonly T[], day: (item: T) => string): [string, T[]][] {
  const days = new Map<string, T[]>();
  for (const item of items) {
    const name = day(item);
    days.set(name, [...(days.get(name) ?? []), item]);
  }
  return [...days];
}
