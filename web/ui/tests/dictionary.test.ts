import { describe, expect, it } from 'vitest';
import { CATEGORIES, FIELD_NAMES } from '../src/lib/call/fields';
import { en } from '../src/lib/i18n/en';
import { fr } from '../src/lib/i18n/fr';

function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

describe('the dictionaries', () => {
  it('have the same keys, and a word for each', () => {
    const french = leaves(fr);
    const english = leaves(en);
    expect(english.map(([path]) => path)).toEqual(french.map(([path]) => path));
    for (const [path, value] of [...french, ...english]) {
      if (typeof value === 'string') expect(value.trim(), path).not.toBe('');
    }
  });

  it('are each in their own language', () => {
    const same = leaves(fr).filter(([path, value]) => {
      const other = leaves(en).find(([otherPath]) => otherPath === path)?.[1];
      return typeof value === 'string' && value === other;
    });
    const allowed = /^(Souffleur|CRM.*|Français|English|Client|E-mail|Actions|Transcription|Source|Suggestions|Message|Messages|Information|Note.*|VIP|Page|SMS)$/;
    expect(same.filter(([, value]) => !allowed.test(String(value)))).toEqual([]);
  });

  it('name every field and every category', () => {
    expect(Object.keys(fr.message.fields).toSorted()).toEqual([...FIELD_NAMES].toSorted());
    expect(Object.keys(fr.message.categories).toSorted()).toEqual([...CATEGORIES].toSorted());
  });

  it('count properly', () => {
    expect(fr.desk.waitingCount(0)).toBe('0 appel en attente');
    expect(fr.desk.waitingCount(2)).toBe('2 appels en attente');
    expect(en.desk.waitingCount(0)).toBe('0 calls waiting');
    expect(en.desk.waitingCount(1)).toBe('1 call waiting');
  });
});
