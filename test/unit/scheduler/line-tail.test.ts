import {expect, it} from 'vitest';
import {LineTail} from '../../../src/scheduler/line-tail.js';

it('keeps the last lines of output that arrives in any pieces', () => {
  const tail = new LineTail(3);
  const bytes = Buffer.from('one\ntwo\nthree ü\nfour\nunfinished');

  for (const byte of bytes) tail.write(Buffer.from([byte]));

  expect(tail.lines()).toEqual(['three ü', 'four', 'unfinished']);
});

it('is safe for a terminal: without styles, the rest escaped, and of a progress bar its last state', () => {
  const tail = new LineTail(3);

  tail.write('\u001b[31merror\u001b[0m: \u009b2J\u202e\u0007\n10%\r20%\n');

  expect(tail.lines()).toEqual(['error: \\u202e\\u0007', '20%']);
});

it('keeps the start of a line of any length, and takes no longer for it', () => {
  const tail = new LineTail(3);
  const chunk = Buffer.alloc(1 << 16, 'x');

  // 512 MiB: as one string it would be refused, and copied for each chunk it would take hours.
  for (let written = 0; written < 1 << 29; written += chunk.length) tail.write(chunk);
  tail.write('\nend\n');

  expect(tail.lines()).toEqual([`${'x'.repeat(2000)} …`, 'end']);
});
