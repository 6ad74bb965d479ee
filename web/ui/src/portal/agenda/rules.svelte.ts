/** The agenda's rules as they are typed, and back; hours as lines of text. */
import type { AgendaRulesEdit, AgendaView } from '../../lib/api/agenda';
import { spansOf, spansText, specialOf, specialText } from '../../line/hours';

type Hours = NonNullable<AgendaView['hours']>;
const OFFICE = '09:00-12:00, 14:00-18:00';
const NOBODY_S: string[] = ['', '', '', '', '', '', ''];

export interface TypedPractitioner {
  id: string;
  name: string;
  account: string;
  calendar: string;
  ownHours: boolean;
  days: string[];
}

export interface TypedVisit {
  id: string;
  name: string;
  duration_min: number;
  before_min: number;
  after_min: number;
  practitioners: string[];
}

/** A name that no other has: letters, digits and hyphens of what is shown. */
export function idOf(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  let id = plain || 'a';
  for (let n = 2; taken.includes(id); n += 1) id = `${plain || 'a'}-${n}`;
  return id;
}

export class TypedRules {
  days = $state<string[]>([]);
  special = $state('');
  holidays = $state(true);
  practitioners = $state<TypedPractitioner[]>([]);
  visits = $state<TypedVisit[]>([]);
  notice_min = $state(120);
  horizon_days = $state(60);
  step_min = $state(15);
  address = $state('');
  phone = $state('');

  constructor(agenda: AgendaView) {
    this.show(agenda);
  }

  show(agenda: AgendaView): void {
    const { hours } = agenda;
    this.days = hours?.week.map(spansText) ?? [...Array<string>(5).fill(OFFICE), '', ''];
    this.special = specialText(hours?.special ?? []);
    this.holidays = (hours?.holidays ?? 'closed') === 'closed';
    this.practitioners = agenda.practitioners.map((one) => ({
      id: one.id,
      name: one.name,
      account: one.account ?? '',
      calendar: one.calendar ?? '',
      ownHours: !!one.hours,
      days: one.hours?.week.map(spansText) ?? [...NOBODY_S],
    }));
    this.visits = agenda.visits.map((one) => ({
      id: one.id,
      name: one.name,
      duration_min: one.duration_min,
      before_min: one.before_min ?? 0,
      after_min: one.after_min ?? 0,
      practitioners: [...(one.practitioners ?? [])],
    }));
    this.notice_min = agenda.notice_min;
    this.horizon_days = agenda.horizon_days;
    this.step_min = agenda.step_min;
    this.address = agenda.address ?? '';
    this.phone = agenda.phone ?? '';
  }

  addPractitioner(): void {
    const one = { id: '', name: '', account: '', calendar: '', ownHours: false, days: [...this.days] };
    this.practitioners.push(one);
  }

  addVisit(): void {
    this.visits.push({
      id: '', name: '', duration_min: 30, before_min: 0, after_min: 0, practitioners: [],
    });
  }

  /** Nobody does anything any more who is gone. */
  removePractitioner(index: number): void {
    const [gone] = this.practitioners.splice(index, 1);
    for (const visit of this.visits) {
      visit.practitioners = visit.practitioners.filter((id) => id !== gone?.id);
    }
  }

  /** Throws `UnreadableHours`. */
  edit(version: number): AgendaRulesEdit {
    const hours = this.hoursOf(this.days);
    return {
      version,
      hours,
      practitioners: this.practitioners.map((one) => ({
        id: one.id || idOf(one.name, this.practitioners.map(({ id }) => id)),
        name: one.name,
        account: one.account || null,
        calendar: one.account ? one.calendar : '',
        hours: one.ownHours ? this.hoursOf(one.days) : null,
      })),
      visits: this.visits.map((one) => ({
        ...$state.snapshot(one),
        id: one.id || idOf(one.name, this.visits.map(({ id }) => id)),
      })),
      notice_min: this.notice_min,
      horizon_days: this.horizon_days,
      step_min: this.step_min,
      address: this.address,
      phone: this.phone,
    };
  }

  private hoursOf(days: readonly string[]): Hours {
    return {
      week: days.map(spansOf),
      holidays: this.holidays ? 'closed' : 'open',
      special: specialOf(this.special),
    };
  }
}
