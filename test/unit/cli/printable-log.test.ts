import {text} from 'node:stream/consumers';
import {describe, expect, it} from 'vitest';
import {printableLog} from '../../../src/cli/print.js';

async function shown(bytes: Buffer, chunkBytes: number): Promise<string> {
  const log = printableLog();
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    log.write(bytes.subarray(start, start + chunkBytes));
  }
  log.end();
  return text(log);
}

describe('a log on a terminal', () => {
  it.each([1, 2, 3, 5, 1000])(
    'is without styles, and has all else escaped, in chunks of %i bytes',
    async (chunkBytes) => {
      const bytes = Buffer.from(
        'cc: \u001b[01;31m\u001b[Kerror:\u001b[m\u001b[0m “é”\r\n10%\r20%\n\u001b]0;owned\u0007\u001b[2J\u009b\u202e end \u001b[',
      );

      expect(await shown(bytes, chunkBytes)).toBe(
        'cc: \\u001b[Kerror: “é”\n10%\n20%\n\\u001b]0;owned\\u0007\\u001b[2J\\u009b\\u202e end \\u001b[',
      );
    },
  );
});
