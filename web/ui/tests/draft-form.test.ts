import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal, Unreachable } from '../src/lib/api/service';
import type { DraftFieldView, DraftView } from '../src/lib/api/types';
import { DraftForm } from '../src/lib/call/draft-form.svelte';

class Memory {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

function field(name: string, value: string | null, edited = false): DraftFieldView {
  return { name, value, confidence: 0.9, utterance_id: null, read_back: false, edited, doubt: null, doubt_utterance_id: null, doubt_whole: false };
}

/** A service that keeps what it is sent, or fails when told to. */
class Service {
  readonly asked: Record<string, string | null>[] = [];
  failure: Error | null = null;
  fields: DraftFieldView[] = [];

  send = async (fields: Record<string, string | null>): Promise<DraftView> => {
    this.asked.push(fields);
    await Promise.resolve();
    if (this.failure) throw this.failure;
    const kept = this.fields.filter((one) => !(one.name in fields));
    const typed = Object.entries(fields).map(([name, value]) => field(name, value, true));
    this.fields = [...kept, ...typed];
    return { fields: this.fields, seq: (clock += 1) };
  };
}

/** The numbers of the call's log. */
let clock: number;
let memory: Memory;
let service: Service;
const tell = (form: DraftForm, fields: DraftFieldView[]) => form.heard(fields, (clock += 1));
const open = () => new DraftForm({ callId: 'c1', send: service.send, storage: memory });

beforeEach(() => {
  vi.useFakeTimers();
  clock = 0;
  memory = new Memory();
  service = new Service();
});
afterEach(() => void vi.useRealTimers());

describe('the message being edited', () => {
  it('shows what the call says until the operator types', async () => {
    const form = open();
    tell(form, [field('reason', 'fuite')]);
    expect(form.value('reason')).toBe('fuite');
    form.type('reason', 'fuite sous l’évier');
    tell(form, [field('reason', 'fuite et odeur')]);
    expect(form.value('reason')).toBe('fuite sous l’évier');
    expect(form.isEdited('reason')).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(service.asked).toEqual([{ reason: 'fuite sous l’évier' }]);
    expect(form.value('reason')).toBe('fuite sous l’évier');
    expect(form.save).toBe('saved');
  });

  it('sends once a pause is made, the fields together', async () => {
    const form = open();
    form.type('company', 'S');
    await vi.advanceTimersByTimeAsync(200);
    form.type('company', 'Sy');
    form.type('phone', '+33639980142');
    await vi.advanceTimersByTimeAsync(1000);
    expect(service.asked).toEqual([{ company: 'Sy', phone: '+33639980142' }]);
  });

  it('does not change a field under the cursor', () => {
    const form = open();
    tell(form, [field('phone', '+33639980142')]);
    form.focus('phone');
    tell(form, [field('phone', '+33639980199')]);
    expect(form.value('phone')).toBe('+33639980142');
    form.blur('phone');
    expect(form.value('phone')).toBe('+33639980199');
  });

  it('keeps typing through a lost connection and sends it after', async () => {
    service.failure = new Unreachable('away');
    const form = open();
    form.type('company', 'Syndic');
    await vi.advanceTimersByTimeAsync(500);
    expect(form.save).toBe('waiting');
    form.type('email', 'a@example.fr');
    service.failure = null;
    await vi.advanceTimersByTimeAsync(5000);
    expect(service.asked.at(-1)).toEqual({ company: 'Syndic', email: 'a@example.fr' });
    expect(form.save).toBe('saved');
    expect(memory.kept.size).toBe(0);
  });

  it('says why a change is refused, and does not insist', async () => {
    service.failure = new Refusal(422, 'bad_field', 'Champ inconnu.');
    const form = open();
    form.type('company', 'Syndic');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(service.asked).toHaveLength(1);
    expect(form.save).toBe('refused');
    expect(form.refusal).toBe('Champ inconnu.');
    expect(form.value('company')).toBe('Syndic');
  });

  it('survives a reload before it was sent', async () => {
    open().type('company', 'Syndic');
    const after = open();
    tell(after, [field('company', 'Cindique')]);
    expect(after.value('company')).toBe('Syndic');
    await vi.advanceTimersByTimeAsync(1000);
    expect(service.asked[0]).toEqual({ company: 'Syndic' });
  });

  it('survives a reload while it was being sent', async () => {
    service.failure = new Unreachable('away');
    const form = open();
    form.type('company', 'Syndic');
    const sending = form.flush();
    const after = open();
    expect(after.value('company')).toBe('Syndic');
    await sending;
  });

  it('is settled once all that was typed was sent, what was typed meanwhile too', async () => {
    const form = open();
    form.type('company', 'Syndic');
    void form.flush();
    form.type('caller_name', 'Odette');
    await form.settle();
    expect(service.asked).toEqual([{ company: 'Syndic' }, { caller_name: 'Odette' }]);
    service.failure = new Unreachable('away');
    form.type('company', 'Syndic Morel');
    await form.settle();
    expect(form.value('company')).toBe('Syndic Morel');
    form.close();
  });

  it('empties a field with null', async () => {
    const form = open();
    tell(form, [field('company', 'Cindique')]);
    form.type('company', '  ');
    expect(form.value('company')).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(service.asked).toEqual([{ company: null }]);
  });

  it('keeps the note, and forgets all once the message has gone', () => {
    const form = open();
    form.writeNote('Rappeler vite');
    form.type('company', 'Syndic');
    expect(open().note).toBe('Rappeler vite');
    form.forget();
    expect(memory.kept.size).toBe(0);
  });

  it('types the same value back without a request', async () => {
    const form = open();
    tell(form, [field('company', 'Syndic')]);
    form.type('company', 'Syndic');
    await vi.advanceTimersByTimeAsync(1000);
    expect(service.asked).toEqual([]);
  });

  it('keeps what the service answered when its log tells later what is older', async () => {
    const form = open();
    const old = [field('reason', 'Fuite'), field('summary', null)];
    tell(form, old);
    const late = (clock += 1);
    service.fields = [field('summary', 'Chaudière en panne.')];
    form.type('reason', 'Chaudière en panne');
    await form.settle();
    form.heard([...old, field('company', 'Girard')], late);
    expect(form.values(form.names)).toEqual({
      reason: 'Chaudière en panne',
      summary: 'Chaudière en panne.',
    });
    tell(form, [field('reason', 'Chaudière en panne', true), field('summary', 'Neuf.')]);
    expect(form.value('summary')).toBe('Neuf.');
    form.answered({ fields: [], seq: 0 });
    expect(form.value('summary')).toBe('Neuf.');
  });
});
