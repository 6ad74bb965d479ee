/** The fields of a message: those that fill by themselves, and the client's own. */
import type { DraftFieldView, FormFieldView } from '../api/types';

export const FIELD_NAMES = [
  'caller_name',
  'company',
  'phone',
  'email',
  'recipient',
  'category',
  'reason',
  'urgency',
  'callback',
  'callback_when',
  'appointment_action',
  'appointment_when',
  'file_number',
  'date_of_birth',
  'address',
  'on_behalf_of',
  'summary',
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

export const CATEGORIES = [
  'rendez-vous',
  'annulation',
  'rappel',
  'réclamation',
  'information',
  'urgence',
  'devis',
  'facturation',
  'livraison',
  'démarchage',
  'erreur',
  'autre',
] as const;

export const URGENCIES = ['normal', 'urgent', 'critique'] as const;
export const APPOINTMENT_ACTIONS = ['prendre', 'déplacer', 'annuler'] as const;

export function isFieldName(name: string): name is FieldName {
  return (FIELD_NAMES as readonly string[]).includes(name);
}

/**
 * The fields to show, in the form's order: those of this kind of call, and whatever has a value,
 * for nothing may be sent unseen.
 */
export function shownFields(
  form: readonly FormFieldView[],
  drafted: readonly string[],
  value: (name: string) => string | null,
): FormFieldView[] {
  const category = value('category');
  const wanted = form.filter(
    ({ name, categories }) =>
      categories.length === 0 ||
      category === null ||
      categories.includes(category) ||
      value(name) !== null,
  );
  const others = drafted
    .filter((name) => value(name) !== null && !form.some((field) => field.name === name))
    .map((name): FormFieldView => ({ name, required: false, categories: [] }));
  return [...wanted, ...others];
}

/** The client's own label, the usual one, or the bare name. */
export function labelOf(field: FormFieldView, usual: Readonly<Record<FieldName, string>>): string {
  return field.label ?? (isFieldName(field.name) ? usual[field.name] : field.name);
}
