/** In a row that scrolls sideways, on a phone: the tab one is on is in view. */
export function inView(row: HTMLElement, _current: string) {
  const show = () =>
    row.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  show();
  return { update: () => requestAnimationFrame(show) };
}
