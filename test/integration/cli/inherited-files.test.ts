import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  makeFixtureProject,
  startCommand,
  type FixtureProject,
} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const lock = (): string => path.join(project.folder, 'lock');

/** The caller holds a lock and has two folders open. bash, since dash knows only file descriptors of one digit. */
const caller = (): readonly string[] => [
  ...['bash', '-c', `exec 9</etc 200>"${lock()}" 201</ && flock 200 && exec "$0" "$@"`],
];

/** One name for each open file, sorted: `ls` has the folder open. */
const listFiles = 'echo open: $(ls /proc/self/fd)';

describe('files that the caller of a command left open', () => {
  it('do not reach a stage', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', `${listFiles}; exit 3`);
    const build = ['build', '--output', path.join(project.folder, 'dist')];

    const {stderr} = await project.ampoule(build, {}, caller());

    expect(stderr).toContain('open: 0 1 2 3\n');
  });

  it('do not reach an attached command, and a lock in them is held while it runs', async () => {
    const command = ['shell', 'zlib', '--', 'sh', '-c', `${listFiles}; echo ready >&2; sleep 600`];
    const running = project.start(command, {}, caller());
    await running.said('ready');

    const other = startCommand(['flock', '--nonblock', lock(), 'true'], process.env);
    const {code} = await other.result;
    running.kill('SIGTERM');

    expect(code).toBe(1);
    expect((await running.result).stdout).toBe('open: 0 1 2 3\n');
  });
});
