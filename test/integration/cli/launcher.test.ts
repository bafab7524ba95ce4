import {
  chmod,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {copyCheckout, runProgram, type Checkout, type Ended} from '../../support/checkout.js';

let checkout: Checkout;
/** What the first two commands said, which ran at the same time. */
let first: readonly Ended[];

beforeAll(async () => {
  checkout = await copyCheckout();
  await mkdir(path.join(checkout.folder, 'links'));
  await symlink('../ampoule/ampoule', path.join(checkout.folder, 'links/ampoule'));
  await writeFile(inCheckout('src/cli/short-lived.ts'), 'export const here = true;\n');
  const start = () => runProgram(launcher(), ['--version'], {cwd: '/'});
  first = await Promise.all([start(), start()]);
});

afterAll(() => checkout[Symbol.asyncDispose]());

const launcher = () => path.join(checkout.root, 'ampoule');
const inCheckout = (...names: readonly string[]) => path.join(checkout.root, ...names);

/** A PATH with nothing but some programs of this machine, and one called `node` if its text is given. */
async function onlyPrograms(names: readonly string[], node?: string): Promise<NodeJS.ProcessEnv> {
  const folder = path.join(checkout.folder, `programs-${names.join('-')}`);
  await mkdir(folder, {recursive: true});
  for (const name of names) {
    const {stdout} = await runProgram('sh', ['-c', `command -v ${name}`]);
    await rm(path.join(folder, name), {force: true});
    await symlink(stdout.trim(), path.join(folder, name));
  }
  if (node !== undefined) {
    await writeFile(path.join(folder, 'node'), node);
    await chmod(path.join(folder, 'node'), 0o755);
  }
  return {PATH: folder};
}

/** Starts the real Node, which takes itself for an old one. */
function oldNode(): string {
  const pretend = "Object.defineProperty(process, 'versions', {value: {node: '18.20.4'}})";
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return `#!/bin/sh\nexec '${process.execPath}' --import "${preload}" "$@"\n`;
}

describe('./ampoule in a checkout', () => {
  it('compiles first, and two at once do not break each other', () => {
    for (const {code, stdout} of first) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ampoule \d+\.\d+\.\d+ \(.*\)\n$/);
    }
  });

  it('compiles again when a source changed or went', async () => {
    const version = await readFile(inCheckout('src/cli/version.ts'), 'utf8');
    const edited = version.replace('return `ampoule ', 'return `edited ');
    await writeFile(inCheckout('src/cli/version.ts'), edited);
    expect((await stat(inCheckout('lib/cli/short-lived.js'))).isFile()).toBe(true);
    await rm(inCheckout('src/cli/short-lived.ts'));

    const {stdout} = await runProgram(launcher(), ['--version']);

    expect(stdout).toMatch(/^edited /);
    await expect(stat(inCheckout('lib/cli/short-lived.js'))).rejects.toThrow('ENOENT');
  });

  it('sets nothing up when nothing changed', async () => {
    const setUp = inCheckout('scripts/set-up.mjs');
    await rename(setUp, `${setUp}.away`);

    const {code} = await runProgram(launcher(), ['--version']);

    await rename(`${setUp}.away`, setUp);
    expect(code).toBe(0);
  });

  it('keeps the compiled code when the sources cannot be compiled', async () => {
    const target = inCheckout('tsconfig.build.json');
    const text = await readFile(target, 'utf8');
    const {atime, mtime} = await stat(target);
    await writeFile(target, '{"files": ["nowhere.ts"]}');

    const broken = await runProgram(launcher(), ['--version']);
    const direct = await runProgram('node', [inCheckout('lib/cli/main.js'), '--version']);

    await writeFile(target, text);
    await utimes(target, atime, mtime);
    expect(broken.code).not.toBe(0);
    expect(broken.stderr).toMatch(/tsc .* failed in .*\nNext: /);
    expect(direct.code).toBe(0);
  });
});

describe('without what it needs', () => {
  it('says which Node is expected when there is none', async () => {
    const env = await onlyPrograms(['readlink', 'find']);

    const {code, stderr} = await runProgram(launcher(), ['plan'], {env});

    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^ampoule: expected Node \d+\.\d+ or newer, found no node on PATH\nNext: /,
    );
  });

  it('says which Node is expected when it is too old', async () => {
    const env = await onlyPrograms(['readlink', 'find'], oldNode());

    const ready = await runProgram(launcher(), ['plan'], {env});
    const setUp = await runProgram('node', ['scripts/set-up.mjs'], {cwd: checkout.root, env});

    const message = /^ampoule: expected Node 20\.19 or newer, found 18\.20\.4 \(.*\)\nNext: /;
    for (const {code, stderr} of [ready, setUp]) {
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    }
  });

  it('says that npm is expected when packages are missing', async () => {
    const node = `#!/bin/sh\nexec '${process.execPath}' "$@"\n`;
    const env = await onlyPrograms(['readlink', 'find'], node);
    const packages = await readlink(inCheckout('node_modules'));
    await rm(inCheckout('node_modules'));

    const {code, stderr} = await runProgram(launcher(), ['plan'], {env});

    await symlink(packages, inCheckout('node_modules'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ampoule: expected npm on PATH, .*\nNext: /);
  });

  it('names the same Node as package.json', async () => {
    const {engines} = JSON.parse(await readFile(inCheckout('package.json'), 'utf8')) as {
      engines: {node: string};
    };

    expect(await readFile(launcher(), 'utf8')).toContain(`Node ${engines.node.slice(2)} or newer`);
  });
});

describe('a command in a message is the one to type', () => {
  const link = () => path.join(checkout.folder, 'links/ampoule');
  const main = () => inCheckout('lib/cli/main.js');

  it.each([
    ['the launcher in its folder', () => ['./ampoule'], () => checkout.root, './ampoule'],
    ['the launcher from below', () => ['../ampoule'], () => inCheckout('src'), '../ampoule'],
    ['the launcher from above', () => [launcher()], () => checkout.folder, 'ampoule/ampoule'],
    ['the compiled program', () => ['node', main()], () => checkout.root, './ampoule'],
    ['a link that is not on PATH', () => [link()], () => checkout.root, './ampoule'],
  ])('%s', async (_title, words, folder, expected) => {
    const [command = '', ...args] = words();

    const {stderr} = await runProgram(command, [...args, 'biuld'], {cwd: folder()});

    expect(stderr).toContain(`\nNext: ${expected} --help\n`);
  });

  it('npm from elsewhere: the path from there', async () => {
    const words = ['--prefix', 'ampoule', 'start', '--', '--ouptut'];

    const {stderr} = await runProgram('npm', words, {cwd: checkout.folder});

    expect(stderr).toContain('\nNext: ampoule/ampoule build --help\n');
  });

  it('what goes into the start-up file of a shell holds from anywhere', async () => {
    const {stdout} = await runProgram('./ampoule', ['completion', '--help'], {cwd: checkout.root});

    expect(stdout).toContain(`source <('${await realpath(launcher())}' completion bash)\n`);
  });

  it('the launcher from far away: its whole path, quoted', async () => {
    const {stderr} = await runProgram(launcher(), ['biuld'], {cwd: '/usr/lib'});

    expect(stderr).toContain(`\nNext: '${await realpath(launcher())}' --help\n`);
  });

  it('on PATH: without a path', async () => {
    const env = {PATH: `${path.dirname(link())}:${process.env['PATH'] ?? ''}`};

    const {stderr} = await runProgram('ampoule', ['biuld'], {cwd: '/', env});

    expect(stderr).toContain('\nNext: ampoule --help\n');
  });

  it('while PATH has another program of that name: a path', async () => {
    const folder = path.join(checkout.folder, 'strangers');
    await mkdir(folder);
    await writeFile(path.join(folder, 'ampoule'), '#!/bin/sh\n', {mode: 0o755});
    const env = {PATH: `${folder}:${path.dirname(link())}:${process.env['PATH'] ?? ''}`};

    const {stderr} = await runProgram('./ampoule', ['biuld'], {cwd: checkout.root, env});

    expect(stderr).toContain('\nNext: ./ampoule --help\n');
  });
});

describe('installed from a checkout', () => {
  it.each([['install', '--global', '.'], ['link']])('npm %s', async (...words) => {
    const prefix = path.join(checkout.folder, `prefix-${words[0]}`);
    const npm = {npm_config_prefix: prefix, npm_config_offline: 'true', npm_config_audit: 'false'};
    const env = {...npm, PATH: `${prefix}/bin:${process.env['PATH'] ?? ''}`};

    const installed = await runProgram('npm', words, {cwd: checkout.root, env});
    const {stderr} = await runProgram('ampoule', ['biuld'], {cwd: '/', env});

    expect(installed.stderr).toBe('');
    expect(installed.code).toBe(0);
    expect(stderr).toContain('\nNext: ampoule --help\n');
  });
});
