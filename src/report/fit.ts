import {printableLine} from '../core/printable.js';
import {stripVTControlCharacters} from 'node:util';

/** Truncates a text to `columns` columns of a terminal; `…` marks the cut. */
export function fit(text: string, columns: number): string {
  if (columns < 1) return '';
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) return `${cutTo(kept, columns - 1)}…`;
    kept += character;
  }
  return kept;
}

/** The same for a text whose end matters too, such as a stage id: it is cut in the middle. */
export function fitWithin(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const end = Math.floor(columns / 5);
  return `${text.slice(0, Math.max(0, columns - end - 1))}…${end > 0 ? text.slice(-end) : ''}`;
}

/** How many columns a text takes. */
export function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + widthOf(character), 0);
}

/** The last non-empty line of some output, without escape sequences. */
export function lastLine(chunk: Uint8Array | string): string | undefined {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk.subarray(-4096)).toString();
  const lines = stripVTControlCharacters(text)
    .split(/[\r\n]+/)
    .map((line) => printableLine(line.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')).trim());
  return lines.findLast((line) => line !== '');
}

function cutTo(text: string, columns: number): string {
  const characters = Array.from(text);
  while (columnsOf(characters.join('')) > columns) characters.pop();
  return characters.join('');
}

/** East Asian and pictographic characters take two columns. An overestimate for rare ones only cuts a line earlier. */
function widthOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0x300 && point <= 0x36f) return 0;
  return point >= 0x1100 && !(point >= 0x2010 && point <= 0x2e7f) ? 2 : 1;
}
