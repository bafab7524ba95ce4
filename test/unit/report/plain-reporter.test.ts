import {describe, expect, it} from 'vitest';
import {parseArtifactDigest, stageKeyOf, type ArtifactDigest} from '../../../src/core/digest.js';
import type {BuildEvent} from '../../../src/core/events.js';
import {jsonReporter} from '../../../src/report/json-reporter.js';
import type {Source} from '../../../src/core/source.js';
import type {FetchEvent} from '../../../src/core/source-store.js';
import {plainReporter, type PlainOptions} from '../../../src/report/plain-reporter.js';
import {StageFailedError} from '../../../src/scheduler/errors.js';
import {sourceOf} from '../../support/stages.js';

function digest(digit: string): ArtifactDigest {
  const parsed = parseArtifactDigest(digit.repeat(64));
  if (parsed === undefined) throw new Error('not a digit');
  return parsed;
}

const key = stageKeyOf('zlib');
const error = new StageFailedError('cpython', {
  reason: 'exit code 2',
  logPath: '/log',
  lastLines: [],
  workspacePath: '/work',
  hasSandbox: true,
  space: undefined,
  rerun: {store: '', plan: ''},
});
const events: readonly BuildEvent[] = [
  {type: 'build-started', stages: 5},
  {
    type: 'fetch',
    event: {kind: 'fetch-finished', source: sourceOf('a', 'x'.repeat(150_000)), hostPath: '/s'},
  },
  {type: 'build-estimated', seconds: 361, isComplete: true, stages: {cpython: 361}},
  {type: 'stage-finished', stage: 'rootfs', outcome: {kind: 'restored', artifact: digest('a')}},
  {type: 'stage-started', stage: 'dependency/zlib', key, log: '/log'},
  {type: 'stage-phase', stage: 'dependency/zlib', phase: 'make', expectedLines: 812},
  {type: 'stage-output', stage: 'dependency/zlib', chunk: 'cc a.c', phaseLines: 1},
  {
    type: 'stage-finished',
    stage: 'dependency/zlib',
    outcome: {kind: 'built', artifact: digest('b'), seconds: 1.44},
  },
  {type: 'stage-differed', stage: 'dependency/zlib', earlier: digest('c'), now: digest('b')},
  {type: 'stage-finished', stage: 'cpython', outcome: {kind: 'failed', error}},
  {type: 'stage-finished', stage: 'archive', outcome: {kind: 'blocked', by: 'cpython'}},
];

function shown(
  make: (write: (text: string) => void) => ReturnType<typeof plainReporter>,
): string[] {
  let text = '';
  const reporter = make((chunk) => (text += chunk));
  events.forEach((event) => reporter.onEvent(event));
  reporter.close();
  return text.trimEnd().split('\n');
}

describe('the plain reporter', () => {
  it('writes one line for what ran, and counts what was restored', () => {
    expect(shown((write) => plainReporter(write, {now: () => 0}))).toEqual([
      'estimate about 6 min by earlier runs',
      'fetched 1 source, 0.1 MB',
      `start    dependency/zlib (${key.slice(0, 12)})`,
      'phase    dependency/zlib: make',
      'built    dependency/zlib in 1.4 s [2/5]',
      'warning  dependency/zlib is not reproducible: equal inputs gave cccccccccccc before and bbbbbbbbbbbb now; the first one is kept',
      'FAILED   cpython: Stage cpython failed: exit code 2 [3/5]',
      'skipped  archive: it needs cpython, which failed',
      '1 stage built, 1 from the store, in 0 s; 1 failed, 1 not built',
      'what was built is kept: the next build goes on from there',
    ]);
  });
});

describe('the plain reporter, asked for more', () => {
  const stage = 'dependency/zlib';
  const earlier = {started: '2026-11-21T09:49:57Z', artifact: digest('a'), log: '/log'};
  const changes = [
    {field: 'script', from: '1', to: '2'},
    {field: 'input', stage: 'sysroot', place: '/sysroot', from: digest('a'), to: digest('b')},
  ] as const;
  const output = (chunk: string): BuildEvent => ({
    type: 'stage-output',
    stage,
    chunk,
    phaseLines: 1,
  });
  const run = (options: PlainOptions): string[] => {
    let text = '';
    const reporter = plainReporter((chunk) => (text += chunk), options);
    const outcome = {kind: 'built', artifact: digest('b'), seconds: 1} as const;
    reporter.onEvent({type: 'stage-started', stage, key, log: '/log', reason: {earlier, changes}});
    for (const chunk of [
      'checking for',
      ' gcc... \u001b[1mcc\u001b[0m\r\ncc a.c\n',
      'end \u0007',
    ]) {
      reporter.onEvent(output(chunk));
    }
    reporter.onEvent({type: 'stage-finished', stage, outcome});
    return text.trimEnd().split('\n').slice(1, -1);
  };

  it('tells why a stage runs', () => {
    expect(run({explains: true})).toEqual([
      'because  dependency/zlib: its script changed',
      'because  dependency/zlib: sysroot has other bytes (aaaaaaaaaaaa before, bbbbbbbbbbbb now)',
    ]);
  });

  it('shows what a stage prints, line by line and without codes', () => {
    expect(run({showsOutput: true})).toEqual([
      'output   dependency/zlib: checking for gcc... cc',
      'output   dependency/zlib: cc a.c',
      'output   dependency/zlib: end \\u0007',
    ]);
  });
});

/** What the plain reporter writes for events at given times. */
function shownAt(...timed: readonly (readonly [ms: number, event: BuildEvent])[]): string[] {
  let text = '';
  let now = 0;
  const reporter = plainReporter((chunk) => (text += chunk), {now: () => now});
  for (const [ms, event] of timed) {
    now = ms;
    reporter.onEvent(event);
  }
  reporter.close();
  reporter.close();
  return text.trimEnd().split('\n');
}

describe('downloads in plain lines', () => {
  const big = sourceOf('llvm.tar', 'x'.repeat(3_000_000));
  const small = sourceOf('zlib.tar', 'x'.repeat(100_000));
  const fetch = (event: FetchEvent): BuildEvent => ({type: 'fetch', event});
  const start = (source: Source): BuildEvent =>
    fetch({kind: 'fetch-started', source, url: 'u', resumedBytes: 0});
  const progress = (source: Source, receivedBytes: number): BuildEvent =>
    fetch({kind: 'fetch-progress', source, receivedBytes});
  const finish = (source: Source): BuildEvent =>
    fetch({kind: 'fetch-finished', source, hostPath: '/s'});

  it('are told every ten seconds, with bytes and rate', () => {
    const ticks = Array.from(
      {length: 100},
      (_unused, index) => [250 * (index + 1), progress(big, 25_000 * (index + 1))] as const,
    );

    expect(shownAt([0, start(big)], ...ticks, [25_100, finish(big)])).toEqual([
      'fetching llvm.tar: 1.0/3.0 MB, 100 kB/s',
      'fetching llvm.tar: 2.0/3.0 MB, 100 kB/s',
      'fetched 1 source, 3.0 MB, 120 kB/s',
    ]);
  });

  it('are told together', () => {
    expect(
      shownAt(
        [0, start(big)],
        [100, start(small)],
        [9000, progress(small, 50_000)],
        [10_000, progress(big, 2_000_000)],
      ),
    ).toEqual(['fetching 2 sources: 2.0/3.1 MB, 205 kB/s']);
  });

  it('are only counted if they are quick', () => {
    expect(
      shownAt([0, start(small)], [900, progress(small, 50_000)], [1000, finish(small)]),
    ).toEqual(['fetched 1 source, 0.1 MB, 100 kB/s']);
  });
});

describe('a build that is interrupted, in plain lines', () => {
  it('names what was stopped, and counts what never began', () => {
    const cancelled = (stage: string): BuildEvent => ({
      type: 'stage-finished',
      stage,
      outcome: {kind: 'cancelled'},
    });

    expect(
      shownAt(
        [0, {type: 'build-started', stages: 3}],
        [0, {type: 'stage-started', stage: 'dependency/zlib', key, log: '/log'}],
        [5000, cancelled('dependency/zlib')],
        [5000, cancelled('cpython')],
        [5000, cancelled('archive')],
      ),
    ).toEqual([
      `start    dependency/zlib (${key.slice(0, 12)})`,
      'stopped  dependency/zlib',
      '0 stages built, 0 from the store, in 5 s; 3 not built',
    ]);
  });
});

describe('a build that is finished, in plain lines', () => {
  it('has its archives with their sizes, by folder', () => {
    const sha256 = sourceOf('a', 'x').sha256;
    const archives = ['/out/a.tar.zst', '/out/b.tar.gz'].map((path, index) => ({
      ...{path, sha256},
      sizeBytes: 92_100_000 * (index + 1),
    }));

    expect(
      shownAt([0, {type: 'build-finished', built: 1, restored: 0, seconds: 1, archives}]),
    ).toEqual(['in /out:', '   92.1 MB  a.tar.zst', '  184.2 MB  b.tar.gz']);
  });
});

describe('the JSON reporter', () => {
  it('writes one object a line, errors with code and message', () => {
    const lines = shown(jsonReporter).map((line) => JSON.parse(line) as unknown);

    expect(lines).toHaveLength(events.length - 1);
    expect(lines[5]).toEqual({
      type: 'stage-phase',
      stage: 'dependency/zlib',
      phase: 'make',
      expectedLines: 812,
    });
    expect(lines[8]).toMatchObject({outcome: {kind: 'failed', error: {code: 'E_STAGE_FAILED'}}});
  });
});
