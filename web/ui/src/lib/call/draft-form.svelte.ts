/** The message as the operator edits it: the service's fields under their own typing. */
import type { DraftFieldView, DraftView } from '../api/types';
import { Refusal } from '../api/service';
import {
  confirmed,
  isEmpty,
  refused,
  restored,
  sent,
  shown,
  typedIn,
  NO_EDITS,
  type DraftEdits,
  type Values,
} from './draft-edits';

const DEBOUNCE_MS = 400;
const RETRY_MS = 3_000;

export type SaveState = 'idle' | 'saving' | 'saved' | 'waiting' | 'refused';

export interface DraftFormOptions {
  callId: string;
  /** Sends typed fields; the fields as they then stand. */
  send: (
    fields: Record<string, string | null>,
    leaving: boolean,
  ) => Promise<DraftView>;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

export class DraftForm {
  private edits = $state.raw<DraftEdits>({ pending: {}, sending: {} });
  private fields = $state.raw<readonly DraftFieldView[]>([]);
  private seq = -1;
  private frozen = $state.raw<{ name: string; value: string | null } | null>(null);
  note = $state('');
  /** Typed, and not saved before a colleague took the message: shown, never sent. */
  aside = $state.raw<Values>({});
  /** The service's fields have come once: what changes from now on is news. */
  loaded = $state(false);
  save = $state<SaveState>('idle');
  refusal = $state('');
  private saving: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isHeld = true;
  private readonly editsKey: string;
  private readonly asideKey: string;
  private readonly noteKey: string;

  constructor(private readonly options: DraftFormOptions) {
    this.editsKey = `souffleur.draft.${options.callId}`;
    this.asideKey = `souffleur.aside.${options.callId}`;
    this.noteKey = `souffleur.note.${options.callId}`;
    this.edits = restored(options.storage.getItem(this.editsKey));
    this.aside = restored(options.storage.getItem(this.asideKey)).pending;
    this.note = options.storage.getItem(this.noteKey) ?? '';
    if (!isEmpty(this.edits.pending)) this.schedule(0);
  }

  /** The service's fields, whole, as the call's log has them up to `seq`: what is older says less. */
  heard(fields: readonly DraftFieldView[], seq: number): void {
    this.loaded = true;
    if (seq > this.seq) this.take(fields, seq);
  }

  /** The service's fields as it answers: its log tells them later. */
  answered(view: DraftView): void {
    if (view.seq >= this.seq) this.take(view.fields, view.seq);
  }

  private take(fields: readonly DraftFieldView[], seq: number): void {
    this.fields = fields;
    this.seq = seq;
  }

  /** Every name that the service knows. */
  get names(): readonly string[] {
    return this.fields.map(({ name }) => name);
  }

  field(name: string): DraftFieldView | null {
    return this.fields.find((one) => one.name === name) ?? null;
  }

  /** What the field shows. The one being read or typed in does not change under the cursor. */
  value(name: string): string | null {
    if (this.frozen?.name === name && !this.isTyped(name)) return this.frozen.value;
    return shown(this.edits, this.fields, name);
  }

  /** Typed on this page and not yet confirmed by the service. */
  isTyped(name: string): boolean {
    return name in this.edits.pending || name in this.edits.sending;
  }

  isEdited(name: string): boolean {
    return this.isTyped(name) || (this.field(name)?.edited ?? false);
  }

  focus(name: string): void {
    this.frozen = { name, value: shown(this.edits, this.fields, name) };
  }

  blur(name: string): void {
    if (this.frozen?.name === name) this.frozen = null;
  }

  type(name: string, value: string | null): void {
    const clean = value === null || value.trim() === '' ? null : value;
    if (clean === this.value(name)) return;
    this.keep(typedIn(this.edits, name, clean));
    this.schedule(DEBOUNCE_MS);
  }

  /** Whether the message is this operator's to write: what they typed goes over nobody else's. */
  hold(held: boolean): void {
    this.isHeld = held;
    if (!held) this.setAside();
  }

  /** What was not saved has been read, or typed again. */
  dropAside(): void {
    this.aside = {};
    this.options.storage.removeItem(this.asideKey);
  }

  writeNote(text: string): void {
    this.note = text;
    if (text === '') this.options.storage.removeItem(this.noteKey);
    else this.options.storage.setItem(this.noteKey, text);
  }

  /** All the fields given, as the operator sees them. */
  values(names: readonly string[]): Record<string, string | null> {
    return Object.fromEntries(
      names.map((name) => [name, shown(this.edits, this.fields, name)?.trim() || null]),
    );
  }

  /** Send what is typed now; `leaving` when the page is going away. */
  async flush(leaving = false): Promise<void> {
    this.unschedule();
    if (isEmpty(this.edits.pending) || !isEmpty(this.edits.sending)) return;
    this.saving = this.sendTyped(leaving);
    await this.saving;
  }

  /** All that is typed was sent, or could not be: what the service makes of it (the summary) is here. */
  async settle(): Promise<void> {
    await this.saving;
    await this.flush();
  }

  private async sendTyped(leaving: boolean): Promise<void> {
    this.keep(sent(this.edits));
    this.save = 'saving';
    try {
      this.answered(await this.options.send({ ...this.edits.sending }, leaving));
      this.keep(confirmed(this.edits));
      this.save = 'saved';
      this.refusal = '';
    } catch (error) {
      this.keep(refused(this.edits));
      if (this.isHeld) this.failed(error);
      else this.setAside();
      return;
    }
    if (!isEmpty(this.edits.pending)) this.schedule(0);
  }

  /** The message has gone: nothing is to be kept on this computer. */
  forget(): void {
    this.unschedule();
    this.options.storage.removeItem(this.editsKey);
    this.options.storage.removeItem(this.noteKey);
    this.dropAside();
  }

  close(): void {
    this.unschedule();
  }

  private failed(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) {
      this.save = 'waiting'; // kept until somebody is signed in again
      return;
    }
    const final = error instanceof Refusal && error.status < 500 && error.status !== 429;
    this.save = final ? 'refused' : 'waiting';
    this.refusal = final ? error.message : '';
    // A refusal stays until the next key; anything else is tried again.
    if (!final) this.schedule(RETRY_MS);
  }

  private setAside(): void {
    this.unschedule();
    this.save = 'idle';
    if (isEmpty(this.edits.pending)) return;
    this.aside = { ...this.aside, ...this.edits.pending };
    const kept: DraftEdits = { pending: this.aside, sending: {} };
    this.options.storage.setItem(this.asideKey, JSON.stringify(kept));
    this.keep({ ...NO_EDITS, sending: this.edits.sending });
  }

  private keep(edits: DraftEdits): void {
    this.edits = edits;
    if (isEmpty(edits.pending) && isEmpty(edits.sending)) {
      this.options.storage.removeItem(this.editsKey);
    } else {
      this.options.storage.setItem(this.editsKey, JSON.stringify(edits));
    }
  }

  private schedule(ms: number): void {
    this.unschedule();
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private unschedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
