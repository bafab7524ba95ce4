import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {byScale} from '../../support/scale.js';

/** Who may make control groups on most machines; in CI too. */
const skipped = process.getuid?.() === 0 ? undefined : 'needs root';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const withoutCgroups = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"',
];

const ofProcesses: readonly (readonly [string, readonly string[], string])[] = [
  ['control groups', [], 'limits are kept by control groups'],
  ['limits of processes', withoutCgroups, '--pids-limit limits all processes of the stages'],
];

async function buildWith(script: string, options: readonly string[], wrapper: readonly string[]) {
  await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', script);
  const build = ['build', '--output', path.join(project.folder, 'dist'), '--executor', 'local'];
  return project.ampoule([...build, ...options], {}, wrapper);
}

/** Groups that a builder left in the hierarchies of this machine, at the top or one below. */
async function groupsLeft(): Promise<readonly string[]> {
  const names = await readdir('/sys/fs/cgroup', {recursive: true}).catch(() => []);
  return names.filter((name) => /-(trial|builder)$|[0-9a-f]{12}-[0-9a-f-]{36}$/.test(name));
}

describe.skipIf(skipped !== undefined)('limits of the local executor', () => {
  it.each([
    ['control groups', [], 'limits are kept by control groups', 'The stage ran out of memory'],
    [
      'limits of processes',
      withoutCgroups,
      '--memory limits the data of each process',
      'exit code',
    ],
  ])('end a stage that takes too much memory, by %s', async (_how, wrapper, method, failure) => {
    const hog = 'head -c 400m /dev/zero | tail -c 300m >/dev/null';

    const {code, stderr} = await buildWith(hog, ['--memory', '64m'], wrapper);

    expect(code).toBe(1);
    expect(stderr).toContain(method);
    expect(stderr).toMatch(new RegExp(`dependency/zlib.*${failure}`, 's'));
    expect(await groupsLeft()).toEqual([]);
  });

  it.each(byScale({usual: ofProcesses.slice(0, 1), full: ofProcesses}))(
    'end a fork bomb, by %s',
    async (_how, wrapper, method) => {
      const bomb = 'bomb() { bomb | bomb; }; bomb; exit 9';

      const {code, stderr} = await buildWith(bomb, ['--pids-limit', '40'], wrapper);

      expect(code).toBe(1);
      expect(stderr).toContain(method);
      expect(stderr).toMatch(/can't fork/);
      expect(stderr).toMatch(/zlib\S* failed: exit code/);
      expect(await groupsLeft()).toEqual([]);
    },
  );

  it('refuses a limit of processes that nothing can keep', async () => {
    const root = ['setpriv', '--bounding-set=-setuid', '--inh-caps=-setuid'];
    const {code, stderr} = await buildWith(
      'true',
      ['--pids-limit', '40'],
      [...withoutCgroups, ...root],
    );

    expect(code).toBe(1);
    expect(stderr).toContain('--pids-limit cannot be kept: stages run as root');
  });
});
