/** Shapes of the training pages. */
import { call } from '../lib/api/routes';

export type { ExerciseView, NewExercise } from '../lib/api/types';

/** A company that exercises can be about. */
export interface ClientAccountName {
  id: string;
  name: string;
}

export async function clientNames(): Promise<ClientAccountName[]> {
  return (await call('GET', '/api/training/clients')).map(({ id, name }) => ({ id, name }));
}
