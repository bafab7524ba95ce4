import {describe, expect, it} from 'vitest';
import {parseArtifactDigest, stageKeyOf, type ArtifactDigest} from '../../../src/core/digest.js';
import type {BuildEvent} from '../../../src/core/events.js';
import {jsonReporter} from '../../../src/report/json-reporter.js';
import {plainReporter} from '../../../src/report/plain-reporter.js';
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
  {type: 'build-started', stages: 4},
  {
    type: 'fetch',
    event: {kind: 'fetch-finished', source: sourceOf('a', 'x'.repeat(150_000)), hostPath: '/s'},
  },
  {type: 'stage-finished', stage: 'rootfs', outcome: {kind: 'restored', artifact: digest('a')}},
  {type: 'stage-started', stage: 'dependency/zlib', key},
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
    expect(shown(plainReporter)).toEqual([
      'fetched 1 sources, 0.1 MB',
      `start    dependency/zlib (${key.slice(0, 12)})`,
      'built    dependency/zlib in 1.4 s [2/4]',
      'warning  dependency/zlib is not reproducible: equal inputs gave cccccccccccc before and bbbbbbbbbbbb now; the first one is kept',
      'FAILED   cpython: Stage cpython failed: exit code 2 [3/4]',
      'skipped  archive: it needs cpython, which failed [4/4]',
      '1 stages were in the store',
    ]);
  });
});

describe('the JSON reporter', () => {
  it('writes one object a line, errors with code and message', () => {
    const lines = shown(jsonReporter).map((line) => JSON.parse(line) as unknown);

    expect(lines).toHaveLength(events.length);
    expect(lines[6]).toMatchObject({outcome: {kind: 'failed', error: {code: 'E_STAGE_FAILED'}}});
  });
});
