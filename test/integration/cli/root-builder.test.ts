import {readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {byScale} from '../../support/scale.js';

/** Why these cases are not tried here. */
const skipped = process.getuid?.() === 0 ? undefined : 'needs root';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

/** Prints the host user of a process of the sandbox: the owner of what it writes. */
const buildUntilFailure = async (wrapper: readonly string[]) => {
  await project.edit(
    'recipes/zlib/recipe.yaml',
    'echo building zlib',
    'echo user: $(id -u); touch /build/mine; exit 3',
  );
  const build = ['build', '--output', path.join(project.folder, 'dist')];
  const {stderr} = await project.ampoule(build, {}, wrapper);
  const folder = /^Its files are in (.*)$/m.exec(stderr.replaceAll(/^\s+/gm, ''))?.[1] ?? '';
  return {stderr, owner: (await stat(path.join(folder, 'build/mine'))).uid};
};

const withoutUser: readonly (readonly [where: string, wrapper: readonly string[]])[] = [
  ['where there is no other user', ['unshare', '--user', '--map-root-user']],
  ['where it may not change users', ['setpriv', '--bounding-set=-setuid', '--inh-caps=-setuid']],
  ['where it may not give files away', ['setpriv', '--bounding-set=-chown', '--inh-caps=-chown']],
];

const notice = 'stages run as root of this machine';

describe.skipIf(skipped !== undefined)('a builder that is root', () => {
  it('runs stages as a host user that nobody else is, in a store that only root can reach', async () => {
    const {owner, stderr} = await buildUntilFailure([]);

    expect(stderr).toContain('user: 1000\n');
    expect(stderr).not.toContain(notice);
    expect(owner).toBe(65_533);
    expect((await stat(project.folder)).mode & 0o077).toBe(0);
    expect(await readFile('/etc/passwd', 'utf8')).not.toContain(':65533:');
  });

  it('does so without the capabilities that engines take from root', async () => {
    const lacking = '-sys_admin,-sys_ptrace,-net_admin,-sys_module,-sys_rawio,-sys_resource';
    const {owner, stderr} = await buildUntilFailure([
      ...['setpriv', `--bounding-set=${lacking}`, `--inh-caps=${lacking}`],
    ]);

    expect(stderr).toContain('user: 1000\n');
    expect(owner).toBe(65_533);
  });

  it.each(byScale({usual: withoutUser.slice(0, 1), full: withoutUser}))(
    'says that it runs them as root %s',
    async (_where, wrapper) => {
      const {owner, stderr} = await buildUntilFailure(wrapper);

      expect(stderr).toContain('user: 1000\n');
      expect(stderr).toContain(notice);
      expect(owner).toBe(0);
    },
  );
});
