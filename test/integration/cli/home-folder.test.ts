import {chmod, mkdir, readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject();
});

afterEach(() => project[Symbol.asyncDispose]());

/** No variable names a folder to keep things in. */
const bare = {
  AMPOULE_STORE: undefined,
  XDG_CACHE_HOME: undefined,
  HOME: undefined,
};
/** Runs a command as a user that no account of the machine has, as container engines do. */
const stranger = ['unshare', '--user', '--map-user=54321'];

describe('the store of a user', () => {
  it('lies in the cache folder that the environment names', async () => {
    const cache = path.join(project.folder, 'cache');

    const {code} = await project.ampoule(['plan'], {...bare, XDG_CACHE_HOME: cache});

    expect(code).toBe(0);
    expect(await readdir(path.join(cache, 'ampoule'))).toEqual(['v1']);
  });

  it.each(['', 'relative/home'])('is not looked for in the folder %j', async (home) => {
    const cache = home === '' ? '' : 'relative/cache';
    const environment = {...bare, HOME: home, XDG_CACHE_HOME: cache};

    const {code, stderr} = await project.ampoule(['plan'], environment, stranger);

    expect(stderr).toMatch(/no home folder.*--store.*AMPOULE_STORE/s);
    expect(code).toBe(2);
  });

  it('is asked for where there is neither a home folder nor an account', async () => {
    const {code, stderr} = await project.ampoule(['plan'], bare, stranger);

    expect(stderr).toMatch(/no home folder.*--store.*AMPOULE_STORE/s);
    expect(code).toBe(2);
  });

  it('can be named by a user that has no account', async () => {
    const environment = {...bare, AMPOULE_STORE: project.store};

    const {code} = await project.ampoule(['plan'], environment, stranger);

    expect(code).toBe(0);
  });

  it('is named with what to do where the home folder cannot be written to', async () => {
    // Not even root may make a folder below a file.
    const environment = {...bare, HOME: path.join(project.folder, 'static-modules/all.yaml')};

    const {code, stderr} = await project.ampoule(['plan'], environment);

    expect(stderr).toMatch(/--store: .*all\.yaml\/.cache\/ampoule cannot be used.*--store/s);
    expect(code).toBe(2);
  });
});

describe('ampoule doctor', () => {
  it('names a store that this user can read but not write to', async () => {
    await project.ampoule(['plan']);
    const temporary = path.join(project.store, 'v1/tmp');
    await mkdir(temporary, {recursive: true});
    await chmod(temporary, 0o555);

    // Without capabilities the modes of files hold for root too.
    const drop = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'];
    const {code, stdout} = await project.ampoule(
      ['doctor'],
      {},
      process.getuid?.() === 0 ? drop : [],
    );

    expect(stdout).toMatch(/^PROBLEM {2}store: .*cannot be written to.*--store/m);
    expect(code).toBe(1);
    expect(await readdir(temporary)).toEqual([]);
  });
});
