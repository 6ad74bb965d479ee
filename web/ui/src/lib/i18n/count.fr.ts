/** A number and its noun; in French, zero and one are singular. */
export const many = (count: number, one: string, several: string): string =>
  `${count} ${Math.abs(count) < 2 ? one : several}`;
