/** Takes whoever fills a form in to its first wrong field, once that is drawn. */
import { tick } from 'svelte';

export async function toFirstError(form: HTMLFormElement | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
