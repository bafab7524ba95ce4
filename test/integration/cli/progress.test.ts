import {stat} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {CommandResult} from '../../support/fixture-project.js';
import {makeFaultProject, type FaultProject} from '../../support/faults/fault-project.js';

let project: FaultProject;
let store: string;
let archive: string;
let first: CommandResult;

const phases = 'echo "== 02:27:50: configure"; echo "== 02:27:51: make (about 2 lines)"; echo a';

const build = (progress: 'plain' | 'json' | 'quiet', prologue = phases): Promise<CommandResult> =>
  project.build({store, prologue, stageSeconds: 0, options: {progress}});

beforeAll(async () => {
  project = await makeFaultProject();
  store = await project.newStore();
  archive = path.join(project.folder, 'dist/fixture-one.tar');
  first = await build('plain');
});

afterAll(() => project[Symbol.asyncDispose]());

describe('what a build says in plain lines', () => {
  it('has the phases of its stages', () => {
    expect(first.stderr.match(/^phase.*$/gm)?.sort()).toEqual(
      ['alpha', 'beta'].flatMap((part) => [
        `phase    part/${part}: configure`,
        `phase    part/${part}: make`,
      ]),
    );
  });

  it('has no estimate while no stage ever ran', () => {
    expect(first.stderr).not.toContain('estimate');
  });

  it('ends with what was built, how long it took, and the size and folder of each archive', async () => {
    const megabytes = ((await stat(archive)).size / 1e6).toFixed(1);

    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr.split('\n').slice(-4)).toEqual([
      expect.stringMatching(/^5 stages built, 0 from the store, in [\dhms ]+$/),
      `in ${path.dirname(archive)}:`,
      `${megabytes.padStart(7)} MB  fixture-one.tar`,
      '',
    ]);
  });

  it('is an estimate by earlier runs once there are some', async () => {
    const {stderr} = await build('plain', `${phases}; echo more >/out/more`);

    expect(stderr.match(/^estimate.*$/gm)).toEqual([
      expect.stringMatching(/^estimate about .+ by earlier runs$/),
    ]);
    expect(stderr.indexOf('estimate')).toBeLessThan(stderr.indexOf('start '));
  });
});

describe('what a build says that finds everything in the store', () => {
  it('is its end with the archives, as the last event', async () => {
    await build('quiet');
    const {code, stderr} = await build('json');

    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as {type: string});
    expect(code).toBe(0);
    expect(events.at(-1)).toEqual({
      type: 'build-finished',
      built: 0,
      restored: 5,
      seconds: expect.any(Number) as number,
      archives: [
        {
          path: archive,
          sizeBytes: (await stat(archive)).size,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      ],
    });
    expect(events.filter(({type}) => type === 'build-estimated')).toEqual([]);
  });

  it('is nothing but its result with --progress quiet', async () => {
    expect(await build('quiet')).toEqual({code: 0, stdout: `${archive}\n`, stderr: ''});
  });
});
