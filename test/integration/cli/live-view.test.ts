import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import type {TerminalCommand} from '../../support/terminal.js';
import {startServer} from '../fetch/loopback-server.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const build = (...options: string[]): readonly string[] => [
  ...['build', '--output', path.join(project.folder, 'dist')],
  ...options,
];

/** Lets the fixture's zlib print something and then stay. */
const printAndStay = (print: string): Promise<void> =>
  project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', `${print}; sleep 3600`);

/** Whether the terminal was last told to show its cursor. */
function isCursorShown(command: TerminalCommand): boolean {
  const text = command.written();
  return text.lastIndexOf('\u001b[?25h') >= text.lastIndexOf('\u001b[?25l');
}

/** The line below what runs, once zlib is all that is left to do. */
const alone = /^\[4\/\d+\] 1 running/;
const running = /^dependency\/zlib\S* +\d+ s {2}/;

describe('the live view', () => {
  it('shows what runs with its last line of output, and leaves a line for what is done', async () => {
    await printAndStay('echo one; echo compiling two.c');
    await using command = project.startOnTerminal(build());

    await command.shows(/^dependency\/zlib\S* +\d+ s {2}compiling two\.c$/);
    await command.shows(alone);

    const lines = await command.lines();
    expect(lines).toContainEqual(
      expect.stringMatching(/^built {4}setup-files\/cpython-3\.14\S* in [\d.]+ s \[\d\/\d+\]$/),
    );
    expect(lines.filter((line) => line !== '').at(-1)).toMatch(alone);
    expect(isCursorShown(command)).toBe(false);
  });

  it('shows the phase of a stage, how many of its lines there are, and on request why it runs', async () => {
    await printAndStay('echo "== 02:27:50: make (about 3 lines)"; echo one; echo compiling two.c');
    const size = {columns: 120, rows: 24};
    await using command = project.startOnTerminal(build('--explain'), {}, size);

    await command.shows(/^because {2}dependency\/zlib\S*: it was never built in this store$/);
    await command.shows(/^dependency\/zlib\S* +\d+ s {2}make 2\/3 {2}compiling two\.c$/);
  });

  it('shows the bytes and the rate of a download while it runs', async () => {
    let isSeen = false;
    await using mirror = await startServer((_request, response) => {
      const {source} = project;
      response.writeHead(200, {'content-length': source.length});
      void (async () => {
        let sent = 0;
        for (; !isSeen && sent < source.length - 100; sent += 100) {
          response.write(source.subarray(sent, sent + 100));
          await sleep(20);
        }
        response.end(source.subarray(sent));
      })();
    });
    const slow = {AMPOULE_DEBIAN_MIRROR: mirror.url};
    await using command = project.startOnTerminal(['fetch'], slow);

    await command.shows(/^fetching (zlib|cpython)\S+\.tar {2}0\.0\/0\.0 MB {2}\d+ kB\/s$/);
    isSeen = true;

    expect(await command.ended).toBe(0);
    expect(await command.lines()).toContainEqual(
      expect.stringMatching(/^fetched 1 source, 0\.0 MB, \d+ kB\/s$/),
    );
  });

  it('leaves the terminal in order after Ctrl-C', async () => {
    await printAndStay('echo compiling');
    await using command = project.startOnTerminal(build());
    await command.shows(running);
    await command.shows(alone);

    command.type('\u0003');

    expect(await command.ended).toBe(130);
    expect(isCursorShown(command)).toBe(true);
    const lines = await command.lines();
    expect(lines.filter((line) => running.test(line) || line.includes(' running'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('stopped'))).toHaveLength(1);
    expect(lines).toContainEqual(expect.stringMatching(/^stopped {2}dependency\/zlib/));
    expect(lines).toContain('interrupted; run again to continue');
  });

  it('ends with the failure alone, and the commands to go on with', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'echo no such header; exit 3',
    );
    await using command = project.startOnTerminal(build(), {}, {columns: 200, rows: 50});

    expect(await command.ended).toBe(1);
    const lines = await command.lines();
    expect(lines.filter((line) => running.test(line))).toEqual([]);
    expect(lines).toContain('| no such header');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^Next: ampoule log dependency\/zlib\S*, or ampoule shell dependency\/zlib/,
      ),
    );
    expect(isCursorShown(command)).toBe(true);
  });

  it('cuts long lines at the width of the terminal and takes escape codes out of output', async () => {
    await printAndStay(
      String.raw`printf '\033[31m\033[2J%s\n' "$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30)"`,
    );
    await using command = project.startOnTerminal(build(), {}, {columns: 40, rows: 24});

    await command.shows(/^dependency\/zlib\S* +\d+ s {2}x+…$/);
    await command.shows(alone);

    const lines = await command.lines();
    expect(lines.filter((line) => /^x+$/.test(line))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^built {4}setup-local/));
  });

  it('draws itself once after the terminal became narrower', async () => {
    await printAndStay(
      'echo a line of output that is long enough to be broken in two by a terminal',
    );
    await using command = project.startOnTerminal(build(), {}, {columns: 140, rows: 24});
    await command.shows(/broken in two by a terminal$/);
    await command.shows(alone);

    command.resize(50, 24);
    await command.shows(/^dependency\/zlib\S* +\d+ s {2}a line of.*…$/);

    const lines = await command.lines();
    expect(lines.filter((line) => running.test(line))).toHaveLength(1);
    expect(lines.filter((line) => line.includes(' running'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('broken in two'))).toEqual([]);
  });

  it.each([
    ['CI is set', {CI: 'true'}, []],
    ['the terminal can do nothing', {TERM: 'dumb'}, []],
    ['plain lines are asked for', {}, ['--progress', 'plain']],
  ] as const)('gives way to plain lines when %s', async (_title, environment, options) => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'exit 3');
    await using command = project.startOnTerminal(build(...options), environment);

    await command.ended;

    expect(await command.lines()).toContainEqual(expect.stringMatching(/^start {4}setup-files/));
    expect(command.written()).not.toContain('\u001b');
  });
});
