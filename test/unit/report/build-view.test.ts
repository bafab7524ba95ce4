import {describe, expect, it} from 'vitest';
import {parseArtifactDigest, stageKeyOf, type ArtifactDigest} from '../../../src/core/digest.js';
import type {BuildEvent} from '../../../src/core/events.js';
import {BuildView} from '../../../src/report/build-view.js';
import {columnsOf, fit, fitWithin, lastLine} from '../../../src/report/fit.js';
import {duration, rate, roughDuration} from '../../../src/report/lines.js';
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
  log: '/log',
});

const finished = (stage: string): BuildEvent => ({
  type: 'stage-finished',
  stage,
  outcome: {
    kind: 'built',
    artifact: parseArtifactDigest('a'.repeat(64)) as ArtifactDigest,
    seconds: 1,
  },
});

const output = (stage: string, chunk: string, phaseLines: number): BuildEvent => ({
  type: 'stage-output',
  stage,
  chunk,
  phaseLines,
});

const linesOf = (view: BuildView, {columns, rows} = size): readonly string[] =>
  view.lines({columns, rows}, (_style, text) => text);

describe('what the live view shows', () => {
  it('is each running stage with its time and its last line', () => {
    const {view, clock} = viewOf(
      {type: 'build-started', stages: 9},
      started('dependency/zlib'),
      started('cpython'),
      output('cpython', 'first\nsecond\n\n', 3),
    );
    clock.now = 75_000;

    expect(linesOf(view)).toEqual([
      '  dependency/zlib  1m 15s  ',
      '  cpython          1m 15s  second',
      '[0/9] 2 running, 1m 15s',
    ]);
  });

  it('is the beginning and the end of a long name, so that there is room for the last line', () => {
    const archive = 'distribution/3.14-x86_64-unknown-linux-gnu.2.17-noopt/full';
    const {view} = viewOf(
      {type: 'build-started', stages: 9},
      started(archive),
      output(archive, 'compressing', 1),
    );

    expect(linesOf(view)[0]).toBe('  distribution/3.14-x86_6…/full     0 s  compressing');
    expect(linesOf(view, {columns: 140, rows: 24})[0]).toBe(`  ${archive}     0 s  compressing`);
    expect(fitWithin('dependency', 4)).toBe('dep…');
    expect(fitWithin('dependency', 1)).toBe('…');
  });

  it('is each download with its progress and its rate', () => {
    const source = sourceOf('zlib.tar', 'x'.repeat(2_000_000));
    const {view, clock} = viewOf({
      type: 'fetch',
      event: {kind: 'fetch-started', source, url: 'u', resumedBytes: 500_000},
    });

    expect(linesOf(view)).toEqual(['  fetching zlib.tar  0.5/2.0 MB', '0 s, 1 download']);

    clock.now = 2000;
    view.take({type: 'fetch', event: {kind: 'fetch-progress', source, receivedBytes: 1_500_000}});

    expect(linesOf(view)).toEqual([
      '  fetching zlib.tar  1.5/2.0 MB  500 kB/s',
      '2 s, 1 download at 500 kB/s',
    ]);

    // A stall shows.
    clock.now = 60_000;
    expect(linesOf(view)[0]).toBe('  fetching zlib.tar  1.5/2.0 MB  0 kB/s');

    clock.now = 4000;
    view.take({type: 'fetch', event: {kind: 'fetch-finished', source, hostPath: '/s'}});

    expect(linesOf(view)).toEqual([]);
    expect(view.downloads.fetchedText).toBe('1 source, 2.0 MB, 500 kB/s');
  });

  it('is the phase of a stage, with a count of its lines if it is known how many come', () => {
    const {view} = viewOf(started('cpython'));
    const phase = (name: string, expectedLines?: number): BuildEvent => ({
      type: 'stage-phase',
      stage: 'cpython',
      phase: name,
      ...(expectedLines !== undefined && {expectedLines}),
    });
    const shown = (...events: readonly BuildEvent[]): string | undefined => {
      events.forEach((event) => view.take(event));
      return linesOf(view)[0];
    };

    expect(shown(phase('configure'))).toBe('  cpython     0 s  configure  ');
    expect(shown(output('cpython', 'checking for gcc\n', 7))).toBe(
      '  cpython     0 s  configure  checking for gcc',
    );
    expect(
      shown(phase('make', 812), output('cpython', '== 02:27:50: make (about 812 lines)\n', 0)),
    ).toBe('  cpython     0 s  make 0/812  ');
    expect(shown(output('cpython', 'cc a.c\n', 212))).toBe(
      '  cpython     0 s  make 212/812  cc a.c',
    );
    expect(shown(output('cpython', 'cc b.c\n', 813))).toBe(
      '  cpython     0 s  make 812/812  cc b.c',
    );
  });

  it('is the time left by earlier runs, which never grows while stages run as before', () => {
    const {view, clock} = viewOf(
      {type: 'build-started', stages: 2},
      {
        type: 'build-estimated',
        seconds: 300,
        isComplete: true,
        stages: {'dependency/zlib': 60, cpython: 240},
      },
      started('dependency/zlib'),
    );
    const summaryAt = (ms: number): string | undefined => {
      clock.now = ms;
      return linesOf(view).at(-1);
    };

    expect(summaryAt(0)).toBe('[0/2] 1 running, 0 s, about 5 min left');
    expect(summaryAt(30_000)).toBe('[0/2] 1 running, 30 s, about 5 min left');
    // Slower than before.
    expect(summaryAt(120_000)).toBe('[0/2] 1 running, 2m 00s, about 4 min left');

    view.take(finished('dependency/zlib'));
    view.take(started('cpython'));

    expect(summaryAt(240_000)).toBe('[1/2] 1 running, 4m 00s, about 2 min left');
    expect(summaryAt(9_000_000)).toBe('[1/2] 1 running, 2h 30m, about 1 s left');
  });

  it('says so if a stage without an earlier run adds to the time left', () => {
    const {view} = viewOf(
      {type: 'build-started', stages: 2},
      {type: 'build-estimated', seconds: 42, isComplete: false, stages: {cpython: 42}},
      started('cpython'),
    );

    expect(linesOf(view).at(-1)).toBe('[0/2] 1 running, 0 s, at least 50 s left');
  });

  it('is nothing when nothing runs', () => {
    expect(linesOf(viewOf({type: 'build-started', stages: 9}).view)).toEqual([]);
  });

  it('never has more lines than the terminal, nor wider ones', () => {
    const {view} = viewOf(
      ...Array.from({length: 30}, (_unused, index) => started(`dependency/number-${index}`)),
      output('dependency/number-0', '字'.repeat(100), 1),
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

it('an estimated time is rounded', () => {
  expect([0, 3.2, 41, 100, 359, 5399, 7530].map(roughDuration)).toEqual([
    '1 s',
    '4 s',
    '50 s',
    '2 min',
    '6 min',
    '1h 30m',
    '2h 06m',
  ]);
});

it('a rate is told in kilobytes or megabytes', () => {
  expect([0, 812_400, 999_499, 999_500, 4_500_000].map(rate)).toEqual([
    '0 kB/s',
    '812 kB/s',
    '999 kB/s',
    '1.0 MB/s',
    '4.5 MB/s',
  ]);
});

it('a duration is told in its two largest units', () => {
  expect([900, 59_900, 60_000, 3_725_000].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1m 00s',
    '1h 02m',
  ]);
});
