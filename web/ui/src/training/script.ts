/** A written call as a supervisor types it: `A : (2) Bonjour`, a line a turn. Pure. */
import type { LineView } from '../lib/api/types';

const TURN = /^\s*([AO])\s*[:：]\s*(?:\((\d{1,2}(?:[.,]\d)?)\)\s*)?(.+?)\s*$/i;
const USUAL_S = 0.8;

export class BadLine extends Error {
  constructor(readonly at: number) {
    super(`line ${at}`);
  }
}

/** Raises BadLine. Empty lines are left out. */
export function parse(text: string): LineView[] {
  const lines: LineView[] = [];
  text.split('\n').forEach((line, at) => {
    if (line.trim() === '') return;
    const found = TURN.exec(line);
    if (!found) throw new BadLine(at + 1);
    lines.push({
      speaker: found[1]?.toUpperCase() === 'A' ? 'caller' : 'operator',
      pause_s: found[2] ? Number(found[2].replace(',', '.')) : USUAL_S,
      text: found[3] ?? '',
    });
  });
  return lines;
}

/** Lines as they were typed, heard where they are still what was said. */
export function withVoices(lines: readonly LineView[], before: readonly LineView[]): LineView[] {
  const left = before.filter((one) => one.sound);
  return lines.map((line) => {
    const at = left.findIndex((one) => one.speaker === line.speaker && one.text === line.text);
    const [found] = at < 0 ? [] : left.splice(at, 1);
    return found ? { ...line, sound: found.sound ?? null } : line;
  });
}

export function written(lines: readonly LineView[]): string {
  return lines
    .map(({ speaker, pause_s, text }) => {
      const pause = pause_s === USUAL_S ? '' : `(${pause_s}) `;
      return `${speaker === 'caller' ? 'A' : 'O'} : ${pause}${text}`;
    })
    .join('\n');
}
