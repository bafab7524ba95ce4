import {expect, it} from 'vitest';
import {LineTail} from '../../../src/scheduler/line-tail.js';

it('keeps the last lines of output that arrives in any pieces', () => {
  const tail = new LineTail(3);
  const bytes = Buffer.from('one\ntwo\nthree ü\nfour\nunfinished');

  for (const byte of bytes) tail.write(Buffer.from([byte]));

  expect(tail.lines()).toEqual(['three ü', 'four', 'unfinished']);
});
