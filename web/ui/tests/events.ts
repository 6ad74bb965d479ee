/** Events of a call, numbered as they are made. */
import type { EventData, EventKind, EventView } from '../src/lib/api/types';

export class Teller {
  seq = 0;

  tell<K extends EventKind>(kind: K, data: EventData[K]): EventView {
    this.seq += 1;
    return {
      kind,
      call_id: 'call-1',
      seq: this.seq,
      at: new Date(1_700_000_000_000 + this.seq * 1000).toISOString(),
      data,
    } as EventView;
  }

  said(
    leg: 'caller' | 'operator',
    n: number,
    text: string,
    start_s: number,
    end_s = start_s + 1,
  ): EventView {
    return this.tell('utterance_heard', {
      leg,
      utterance_id: `${leg}-${n}`,
      text,
      heard: text,
      start_s,
      end_s,
      language: 'fr',
      confidence: 0.9,
      words: [],
      endpoint_s: null,
      redacted: [],
    });
  }

  hearing(
    leg: 'caller' | 'operator',
    n: number,
    settled: string,
    provisional: string,
    start_s: number,
  ): EventView {
    return this.tell('partial_heard', {
      leg,
      utterance_id: `${leg}-${n}`,
      settled,
      provisional,
      start_s,
      end_s: start_s + 1,
    });
  }

  offered(id: string, utterance: string, ...entries: string[]): EventView {
    return this.tell('suggestion_offered', {
      suggestion_id: id,
      utterance_id: utterance,
      cards: entries.map((entry) => ({
        entry_id: entry,
        question: `${entry} ?`,
        answer: entry,
        source: 'FAQ',
        confidence: 0.8,
        matched: [],
        marks: { said: [], question: [], answer: [] },
        weight: 0,
        note: '',
        place: '',
        links: [],
      })),
      alternatives: [],
    });
  }
}
