import {describe, expect, it} from 'vitest';
import {stageKeyOf} from '../../../src/core/digest.js';
import type {BuildEvent} from '../../../src/core/events.js';
import {BuildView, duration} from '../../../src/report/build-view.js';
import {columnsOf, fit, fitWithin, lastLine} from '../../../src/report/fit.js';
import {sourceOf} from '../../support/stages.js';

const size = {columns: 60, rows: 24};

function viewOf(...events: readonly BuildEvent[]): {view: BuildView; clock: {now: number}} {
  const clock = {now: 0};
  const view = new BuildView(() => clock.now);
  events.forEach((event) => view.take(event));
  return {view, clock};
}

const started = (stage: string): BuildEvent => ({
  type: 'stage-started',
  stage,
  key: stageKeyOf(stage),
});

const linesOf = (view: BuildView, {columns, rows} = size): readonly string[] =>
  view.lines({columns, rows}, (_style, text) => text);

describe('what the live view shows', () => {
  it('is each running stage with its time and its last line', () => {
    const {view, clock} = viewOf(
      {type: 'build-started', stages: 9},
      started('dependency/zlib'),
      started('cpython'),
      {type: 'stage-output', stage: 'cpython', chunk: 'first\nsecond\n\n'},
    );
    clock.now = 75_000;

    expect(linesOf(view)).toEqual([
      '  dependency/zlib  1m 15s  ',
      '  cpython          1m 15s  second',
      '[0/9] 2 running',
    ]);
  });

  it('is the beginning and the end of a long name, so that there is room for the last line', () => {
    const archive = 'distribution/3.14-x86_64-unknown-linux-gnu.2.17-noopt/full';
    const {view} = viewOf({type: 'build-started', stages: 9}, started(archive), {
      type: 'stage-output',
      stage: archive,
      chunk: 'compressing',
    });

    expect(linesOf(view)[0]).toBe('  distribution/3.14-x86_6…/full     0 s  compressing');
    expect(linesOf(view, {columns: 140, rows: 24})[0]).toBe(`  ${archive}     0 s  compressing`);
    expect(fitWithin('dependency', 4)).toBe('dep…');
    expect(fitWithin('dependency', 1)).toBe('…');
  });

  it('is each download with its progress', () => {
    const source = sourceOf('zlib.tar', 'x'.repeat(2_000_000));
    const {view} = viewOf(
      {type: 'fetch', event: {kind: 'fetch-started', source, url: 'u', resumedBytes: 0}},
      {type: 'fetch', event: {kind: 'fetch-progress', source, receivedBytes: 1_500_000}},
    );

    expect(linesOf(view)).toEqual(['  fetching zlib.tar  1.5/2.0 MB', '1 downloads']);

    view.take({type: 'fetch', event: {kind: 'fetch-finished', source, hostPath: '/s'}});

    expect(linesOf(view)).toEqual([]);
    expect(view.fetchedTotal).toEqual({count: 1, bytes: 2_000_000});
  });

  it('is nothing when nothing runs', () => {
    expect(linesOf(viewOf({type: 'build-started', stages: 9}).view)).toEqual([]);
  });

  it('never has more lines than the terminal, nor wider ones', () => {
    const {view} = viewOf(
      ...Array.from({length: 30}, (_unused, index) => started(`dependency/number-${index}`)),
      {type: 'stage-output', stage: 'dependency/number-0', chunk: '字'.repeat(100)},
    );

    for (const columns of [10, 30, 60]) {
      const lines = linesOf(view, {columns, rows: 8});
      expect(lines).toHaveLength(7);
      expect(lines.at(-2)).toContain('and 25');
      for (const line of lines) expect(columnsOf(line)).toBeLessThan(columns);
    }
  });
});

describe('a line of output', () => {
  it.each([
    ['the last one with something in it', 'one\ntwo\n\n', 'two'],
    ['after a carriage return', '10 %\r20 %\r', '20 %'],
    ['without colours', '\u001b[31mred\u001b[0m\n', 'red'],
    ['without what moves the cursor', 'a\u001b[2Jb\tc\u0007\n', 'ab c'],
  ])('is %s', (_title, chunk, wanted) => {
    expect(lastLine(Buffer.from(chunk))).toBe(wanted);
  });

  it('is none when there is nothing to read', () => {
    expect(lastLine('\n \u001b[0m\n')).toBeUndefined();
  });
});

describe('a text that is cut', () => {
  it.each([
    ['plain', 5, 'plain'],
    ['plainer', 5, 'plai…'],
    ['字字字', 4, '字…'],
    ['x', 0, ''],
  ])('%s to %i columns is %s', (text, columns, wanted) => {
    expect(fit(text, columns)).toBe(wanted);
  });
});

it('a duration is told in its two largest units', () => {
  expect([900, 59_900, 60_000, 3_725_000].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1m 00s',
    '1h 02m',
  ]);
});
