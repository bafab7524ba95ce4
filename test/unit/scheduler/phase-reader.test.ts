import {describe, expect, it} from 'vitest';
import {PhaseReader, type Phase} from '../../../src/scheduler/phase-reader.js';

/** The phases of an output, and the lines after the last of them. */
function read(...chunks: readonly (string | Uint8Array)[]): {phases: Phase[]; lines: number} {
  const reader = new PhaseReader();
  const readings = chunks.map((chunk) => reader.read(chunk));
  return {
    phases: readings.flatMap(({phases}) => phases),
    lines: readings.at(-1)?.lines ?? 0,
  };
}

const make = {name: 'make', expectedLines: 812};

describe('the phases in the output of a stage', () => {
  it('are the lines of hooks, with the number of lines if the line has it', () => {
    expect(read('== 02:27:50: configure\nchecking\n== 02:28:01: make (about 812 lines)\n')).toEqual(
      {
        phases: [{name: 'configure'}, make],
        lines: 0,
      },
    );
  });

  it('do not depend on where the output is cut', () => {
    const text = 'before\n== 02:27:50: make (about 812 lines)\ncc ä.c\ncc b.c\nunfin';
    const bytes = Buffer.from(text);

    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual({phases: [make], lines: 3});
    }
    expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({
      phases: [make],
      lines: 3,
    });
  });

  it('are safe for a terminal', () => {
    expect(read('== 02:27:50: a\u001b[31mb\u0008\n').phases).toEqual([{name: 'ab\\u0008'}]);
  });

  it.each([
    '==02:27:50: make\n',
    ' == 02:27:50: make\n',
    '== size: 5 bytes\n',
    '== 02:27:50: \n',
    `== 02:27:50: ${'x'.repeat(81)}\n`,
    `== 02:27:50: ${'x'.repeat(1000)} (about 5 lines)\n`,
  ])('are none in %j', (text) => {
    expect(read(text)).toEqual({phases: [], lines: 1});
  });

  it('have a name that ends like a number of lines only if there is a number', () => {
    expect(read('== 02:27:50: make (about many lines)\n').phases).toEqual([
      {name: 'make (about many lines)'},
    ]);
  });

  it('are limited, so that output cannot flood a reporter', () => {
    expect(read('== 02:27:50: make\n'.repeat(10_000)).phases).toHaveLength(500);
  });
});
