import type { CallSummary } from '../lib/api/types';
import { readable } from '../lib/call/phone';
import { i18n } from '../lib/i18n/i18n.svelte';

/** Whoever calls, as far as it is known. */
export function callerOf(call: CallSummary): string {
  if (call.caller_name) return call.caller_name;
  return call.caller_number ? readable(call.caller_number) : i18n.t.words.hiddenNumber;
}
