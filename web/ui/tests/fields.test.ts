import { describe, expect, it } from 'vitest';
import type { FormFieldView } from '../src/lib/api/types';
import { labelOf, shownFields } from '../src/lib/call/fields';
import { fr } from '../src/lib/i18n/fr';

const FORM: FormFieldView[] = [
  { name: 'pump', label: 'Pompe', required: true, categories: [] },
  { name: 'phone', required: true, categories: [] },
  { name: 'appointment_when', required: false, categories: ['rendez-vous'] },
];

function names(values: Record<string, string>, drafted: readonly string[] = []): string[] {
  return shownFields(FORM, drafted, (name) => values[name] ?? null).map((field) => field.name);
}

describe('the fields of a form', () => {
  it('are in its order, all of them while the kind of call is not known', () => {
    expect(names({})).toEqual(['pump', 'phone', 'appointment_when']);
  });

  it('are those of the kind of call', () => {
    expect(names({ category: 'devis' })).toEqual(['pump', 'phone']);
    expect(names({ category: 'rendez-vous' })).toContain('appointment_when');
  });

  it('never hide a value, in the form or not', () => {
    const values = { category: 'devis', appointment_when: '2026-03-18', email: 'a@example.fr' };
    expect(names(values, ['email', 'company'])).toEqual([
      'pump',
      'phone',
      'appointment_when',
      'email',
    ]);
  });

  it('have the client’s label, else the usual one', () => {
    const [pump, phone] = FORM.map((field) => labelOf(field, fr.message.fields));
    expect([pump, phone]).toEqual(['Pompe', fr.message.fields.phone]);
  });
});
