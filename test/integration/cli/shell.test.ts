import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const shell = (...command: string[]) =>
  project.ampoule(['shell', 'dependency/zlib', '--', ...command]);

const failZlib = async (): Promise<void> => {
  await project.edit(
    'recipes/zlib/recipe.yaml',
    'echo building zlib',
    'echo left behind >config.log; mkfifo pipe; touch -t 200102030405 old; exit 3',
  );
  const {code} = await project.ampoule(['build', '--output', path.join(project.folder, 'dist')]);
  expect(code).toBe(1);
};

/** What a command leaves in the store besides artifacts, records, sources and logs. */
async function leftovers(): Promise<readonly string[]> {
  const folders = await Promise.all(
    ['work', 'tmp', 'locks'].map((name) => readdir(path.join(project.store, 'v1', name))),
  );
  return folders.flat();
}

describe('ampoule shell with a command', () => {
  it("runs it among the stage's mounts, with its environment and user, and no network", async () => {
    const {code, stdout} = await shell(
      ...[
        'sh',
        '-c',
        'id -u; pwd; ls /src /sysroot; echo $CC; ls /sys/class/net 2>&1 | wc -l; umask',
      ],
    );

    expect(code).toBe(0);
    expect(stdout).toMatch(/^1000\n\/build\n\/src:\nzlib-1\.0\.tar\n/);
    expect(stdout).toContain('clang\n');
    expect(stdout).toMatch(/0022\n$/);
  });

  it('sees the variables that the stage sees and no other', async () => {
    const {stdout} = await shell('env');

    const script = 'env >/build/environment; exit 3';
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', script);
    await project.ampoule(['build', '--output', path.join(project.folder, 'dist')]);
    const seen = await shell('cat', '/build/environment');
    const sorted = (text: string) =>
      // The shell of the script adds these, and where it is.
      text
        .split('\n')
        .filter((line) => !/^(SHLVL|PWD|OLDPWD|_)=/.test(line))
        .toSorted();
    expect(sorted(stdout)).toEqual(sorted(seen.stdout));
  });

  it('has the script at hand, and ends with the exit code of the command', async () => {
    const script = await shell('cat', '/src/.ampoule/stage.sh');
    const {code} = await shell('sh', '-c', 'exit 7');

    expect(script.stdout).toContain('echo building zlib\n');
    expect(code).toBe(7);
  });

  it('takes commands from standard input where there is no terminal', async () => {
    const {code, stdout} = await project.ampoule(['shell', 'zlib'], {}, [
      ...['sh', '-c', 'echo "echo from \\$(hostname)" | exec "$0" "$@"'],
    ]);

    expect([code, stdout]).toEqual([0, 'from ampoule\n']);
  });

  it('leaves nothing behind', async () => {
    await shell('sh', '-c', 'echo x >/build/x; echo y >/out/y; echo z >/tmp/z');

    expect(await leftovers()).toEqual([]);
  });

  it('is refused for a stage without a sandbox, and for one that there is not', async () => {
    const host = await project.ampoule(['shell', 'rootfs/build']);
    const unknown = await project.ampoule(['shell', 'dependency/zlob']);

    expect(host).toMatchObject({code: 2, stdout: ''});
    expect(host.stderr).toContain('rootfs/build has no sandbox');
    expect(unknown).toMatchObject({code: 2, stdout: ''});
    expect(unknown.stderr).toMatch(
      /unknown stage "dependency\/zlob"\. Did you mean dependency\/zlib\?/,
    );
  });
});

describe('ampoule shell of a stage that failed', () => {
  it('works in a copy of its files, with their times, and leaves the files themselves alone', async () => {
    await failZlib();
    const work = path.join(project.store, 'v1/work');
    const [key = ''] = await readdir(work);
    const kept = path.join(work, key, 'build/zlib');

    const {stdout} = await shell(
      ...[
        'sh',
        '-c',
        'cd zlib; cat config.log; date -r old +%Y; ls pipe; echo new >config.log; cat config.log',
      ],
    );

    expect(stdout).toBe('left behind\n2001\nnew\n');
    expect(await readFile(path.join(kept, 'config.log'), 'utf8')).toBe('left behind\n');
    expect((await stat(path.join(kept, 'pipe'))).isFIFO()).toBe(true);
    expect(await leftovers()).toEqual([key]);
  });
});

describe('ampoule shell on a terminal', () => {
  it('has job control and the size of the terminal, and says how to run the stage', async () => {
    await using command = project.startOnTerminal(['shell', 'zlib']);
    await command.shows(/^dependency\/zlib\S* .*\$$/);

    await command.shows(/^sh -eux \/src\/\.ampoule\/stage\.sh runs the stage/);
    command.type('stty size\r');
    await command.shows(/^24 80$/);
    // Ctrl-C before the shell has put the command into the foreground would be for the shell alone.
    command.type('sh -c "echo begun; exec sleep 3600"\r');
    await command.shows(/^begun$/);
    command.type('\u0003');
    command.type('echo still $((40 + 2))\r');
    await command.shows(/^still 42$/);
    command.type('exit 5\r');

    expect(await command.ended).toBe(5);
    expect(await leftovers()).toEqual([]);
  });

  it('lets nothing in the sandbox type into the terminal', async () => {
    await using command = project.startOnTerminal(['shell', 'zlib']);
    await command.shows(/\$$/);

    command.type('grep Seccomp: /proc/self/status\r');

    await command.shows(/^Seccomp:\s+2$/);
    command.type('exit\r');
    expect(await command.ended).toBe(0);
  });

  it('ends in order when the terminal goes away', async () => {
    await using command = project.startOnTerminal(['shell', 'zlib']);
    await command.shows(/\$$/);

    await command[Symbol.asyncDispose]();

    while ((await leftovers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
