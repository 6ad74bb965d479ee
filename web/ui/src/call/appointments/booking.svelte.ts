/** Appointments during a call: times looked for, one held, booked, moved or cancelled. */
import {
  agendas,
  appointments,
  type AgendaView,
  type AppointmentView,
  type NoticeEdit,
  type PersonEdit,
  type SlotOffer,
  type SlotView,
} from '../../lib/api/agenda';
import { isAborted } from '../../lib/refusals';

const FIRST = 8;
const MORE = 16;
const AHEAD_DAYS = 366;
const DAY_MS = 86_400_000;

export class BookingDesk {
  agenda = $state.raw<AgendaView | null>(null);
  list = $state.raw<readonly AppointmentView[]>([]);
  offer = $state.raw<SlotOffer | null>(null);
  held = $state.raw<AppointmentView | null>(null);
  /** The one that is to be moved; null: a new one is looked for. */
  moving = $state.raw<AppointmentView | null>(null);
  /** Where it would go. */
  target = $state.raw<SlotView | null>(null);
  visitId = $state('');
  practitionerId = $state('');
  limit = $state(FIRST);
  looking = $state(false);
  busy = $state(false);
  failure = $state.raw<unknown>(null);
  private asking: AbortController | null = null;

  constructor(
    readonly clientId: string,
    readonly callId: string,
  ) {}

  get usable(): boolean {
    return (this.agenda?.visits.length ?? 0) > 0 && (this.agenda?.practitioners.length ?? 0) > 0;
  }

  load(): Promise<void> {
    return this.trying(async () => {
      const [agenda, list] = await Promise.all([
        agendas.of(this.clientId),
        appointments.ofCall(this.callId),
      ]);
      this.agenda = agenda;
      this.list = list;
      this.visitId ||= agenda.visits[0]?.id ?? '';
    });
  }

  /** What became of them; a failure waits for the next time. */
  async refresh(): Promise<void> {
    try {
      this.list = await appointments.ofCall(this.callId);
    } catch (error) {
      console.warn('appointments not read', error);
    }
  }

  /** Free times nearest to what the caller said. */
  async look(when: string | null): Promise<void> {
    if (!this.visitId && !this.moving) return;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.looking = true;
    this.failure = null;
    try {
      this.offer = await appointments.slots(
        this.clientId,
        {
          visit_id: this.visitId,
          practitioner_id: this.moving?.practitioner_id ?? (this.practitionerId || null),
          when,
          limit: this.limit,
        },
        asking.signal,
      );
    } catch (error) {
      if (!isAborted(error)) this.failure = error;
    } finally {
      if (this.asking === asking) this.looking = false;
    }
  }

  more(when: string | null): void {
    this.limit += MORE;
    void this.look(when);
  }

  /** One click keeps a time; where one is moved, it is where it would go. */
  choose(slot: SlotView): Promise<void> {
    if (this.moving) {
      this.target = slot;
      return Promise.resolve();
    }
    return this.trying(async () => {
      await this.letGo();
      this.held = await appointments.hold(this.clientId, {
        call_id: this.callId,
        visit_id: this.visitId,
        practitioner_id: slot.practitioner_id,
        begins: slot.begins,
      });
    });
  }

  release(): Promise<void> {
    return this.trying(() => this.letGo());
  }

  /** Book what is held; the appointment, or null when it could not be. */
  async book(person: PersonEdit, tell: NoticeEdit[]): Promise<AppointmentView | null> {
    const held = this.held;
    if (!held) return null;
    return this.change(async () => {
      const booked = await appointments.book(this.clientId, held.id, { person, tell });
      this.held = null;
      return booked;
    });
  }

  async move(tell: NoticeEdit[]): Promise<AppointmentView | null> {
    const { moving, target } = this;
    if (!moving || !target) return null;
    return this.change(async () => {
      const moved = await appointments.move(
        this.clientId,
        moving.id,
        target.begins,
        this.callId,
        tell,
      );
      this.keepAll();
      return moved;
    });
  }

  cancel(one: AppointmentView, tell: NoticeEdit[]): Promise<AppointmentView | null> {
    return this.change(() => appointments.cancel(this.clientId, one.id, this.callId, tell));
  }

  insist(one: AppointmentView): Promise<AppointmentView | null> {
    return this.change(() => appointments.insist(this.clientId, one.id));
  }

  startMoving(one: AppointmentView): void {
    this.moving = one;
    this.target = null;
    this.offer = null;
    const visit = this.agenda?.visits.find(({ name }) => name === one.visit_name);
    if (visit) this.visitId = visit.id;
  }

  /** Nothing is moved any more. */
  keepAll(): void {
    this.moving = null;
    this.target = null;
    this.offer = null;
  }

  /** Those to come of somebody. */
  async find(words: string): Promise<readonly AppointmentView[]> {
    const now = Date.now();
    return appointments.between(
      this.clientId,
      new Date(now).toISOString(),
      new Date(now + AHEAD_DAYS * DAY_MS).toISOString(),
      words,
    );
  }

  /** The page is left: nobody waits for a time that nobody will take. */
  close(): void {
    this.asking?.abort();
    const held = this.held;
    if (held) void appointments.release(this.clientId, held.id, true).catch(() => undefined);
  }

  private async letGo(): Promise<void> {
    const held = this.held;
    if (!held) return;
    this.held = null;
    await appointments.release(this.clientId, held.id);
  }

  private async change(
    act: () => Promise<AppointmentView>,
  ): Promise<AppointmentView | null> {
    let changed: AppointmentView | null = null;
    await this.trying(async () => {
      changed = await act();
      this.offer = null;
      this.list = [
        ...this.list.filter(({ id }) => id !== changed?.id),
        ...(changed ? [changed] : []),
      ];
    });
    return changed;
  }

  private async trying(act: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = null;
    try {
      await act();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  }
}
