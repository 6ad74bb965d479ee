/** The fields of a message, in the order the form shows them. */

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
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

/** Required where the client's set-up does not say otherwise. */
export const DEFAULT_REQUIRED: readonly FieldName[] = ['caller_name', 'phone', 'reason'];

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
