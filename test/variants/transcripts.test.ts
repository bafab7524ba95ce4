import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {defaultStore} from '../../src/builder/default-store.js';
import {loadProject} from '../../src/builder/load-project.js';
import {pythonsOf} from '../../src/stages/pythons.js';
import {layoutOf} from '../../src/store/layout.js';
import {outputOf} from '../support/archive/run.js';
import {startCommand} from '../support/fixture-project.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';
import {startOnTerminal} from '../support/terminal.js';

const root = path.resolve(import.meta.dirname, '../..');
const page = path.join(root, 'docs/transcripts');
const store = process.env['AMPOULE_STORE'] ?? defaultStore() ?? '';
const columns = 120;

/** A command as it is typed, and what its output must show. */
type Step = readonly [command: string, shows: RegExp];

/** What a user does, one command after the other, in a folder of its own. */
interface User {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

const archive = 'dist/cpython-3.14.*';

const users: readonly User[] = [
  {
    name: 'new-user',
    title: 'Somebody who wants a Python',
    steps: [
      ['ampoule doctor', /^ok +sandbox: starts/m],
      ['ampoule build --options noopt', /install_only\.tar\.gz$/m],
      ['ampoule build --options noopt', /install_only_stripped\.tar\.gz$/m],
      [`ampoule install ${archive}-install_only.tar.gz python`, /python\/bin\/python3$/m],
      [`python/bin/python3 -c 'import ssl, sqlite3, sys; print(sys.version)'`, /^3\.14\./m],
      ['ampoule build --option noopt', /Did you mean/],
    ],
  },
  {
    name: 'release-engineer',
    title: 'A release engineer',
    steps: [
      [
        'ampoule plan --options noopt,freethreaded+debug | grep distribution',
        /freethreaded\+debug/,
      ],
      ['ampoule build --options noopt --overlay ~/overlays/nodbm', /\.nodbm-x86_64/],
      ['ampoule why --last setup-local', /setup-local/],
      ['ampoule build --options noopt --output plain', /noopt-full\.tar\.zst$/m],
      [
        `ampoule diff plain/*-install_only.tar.gz ${archive}-install_only.tar.gz | head -n 20`,
        /_dbm/,
      ],
      [`for each in ${archive}; do ampoule validate $each; done`, /./],
      ['(cd dist && sha256sum --check SHA256SUMS)', /OK$/m],
    ],
  },
  {
    name: 'embedder',
    title: 'Somebody who puts Python into a program',
    steps: [
      ['ampoule build --options noopt', /full\.tar\.zst$/m],
      [`ampoule inspect ${archive}-full.tar.zst | head -n 34`, /object files/],
      [`tar -xf ${archive}-full.tar.zst`, /^$/],
      [`echo '#include <Python.h>' >hello.c`, /^$/],
      [`echo 'int main(int n, char **words) { return Py_BytesMain(n, words); }' >>hello.c`, /^$/],
      [
        `gcc hello.c -o hello $(python/install/bin/python3-config --cflags --ldflags --embed) -Wl,-rpath,"$PWD/python/install/lib"`,
        /^$/,
      ],
      [`./hello -c 'import ssl; print("hello from", ssl.OPENSSL_VERSION)'`, /^hello from OpenSSL/m],
    ],
  },
  {
    name: 'cpython-developer',
    title: 'A developer of CPython',
    steps: [
      [`ampoule develop cpython --quiet --run ./python -c 'print([1] * 3)'`, /^\[1, 1, 1\]$/m],
      [
        `sed -i 's/"can only concatenate list (not/"can only join a list (not/' cpython/Objects/listobject.c`,
        /^$/,
      ],
      [`ampoule develop cpython --quiet --run ./python -c '[] + 1'`, /can only join a list \(not/],
      ['ampoule develop cpython --test test_list', /Result: SUCCESS/],
    ],
  },
];

/** What differs from run to run and says nothing. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/(?<=^ok +mirrors: ).*/gm, '<mirror>'],
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
  [/\b[0-9a-f]{12}\b/g, '<key>'],
  [/\b\d+(?:\.\d+)? ?ms\b/g, '<time>'],
  [/\b(?:\d+ h )?(?:\d+ min )?\d+(?:\.\d+)? ?(?:s|sec|seconds)\b/g, '<time>'],
];

describe.each(users)('the transcript of $name', ({name, title, steps}) => {
  let home: string;
  beforeAll(async () => {
    home = await makeScratch();
    await outputOf('cp', [
      '--recursive',
      path.join(root, 'docs/overlays'),
      path.join(home, 'overlays'),
    ]);
    if (name !== 'cpython-developer') return;
    const python = pythonsOf(await loadProject()).find(({series}) => series === '3.14');
    const sources = layoutOf(store).sources;
    const tree = path.join(home, 'demo/cpython');
    await mkdir(tree, {recursive: true});
    await startCommand([path.join(root, 'ampoule'), 'fetch', '3.14', '--quiet'], process.env)
      .result;
    // Upstream's archive and Debian's are the same file.
    const source = path.join(sources, python?.folder.recipe.pins.debian.sha256 ?? '');
    const into = ['--strip-components=1', '--directory', tree];
    await outputOf('tar', ['--extract', '--file', source, ...into]);
  });
  afterAll(() => removeScratch(home));

  it('is written, and shows what it should', async () => {
    const work = path.join(home, 'demo');
    await mkdir(work, {recursive: true});
    const environment = {
      ...process.env,
      ...{HOME: home, CI: '', PATH: `${root}:${process.env['PATH'] ?? ''}`},
      AMPOULE_STORE: store,
      AMPOULE_EXECUTOR: 'local',
    };
    const transcript: string[] = [];
    for (const [command, shows] of steps) {
      const inside = ['/bin/bash', '-c', `cd ${JSON.stringify(work)} && ${command}`];
      await using terminal = startOnTerminal(inside, environment, {columns, rows: 40});
      await terminal.ended;
      const shown = (await terminal.lines()).join('\n').trim();
      expect(shown, command).toMatch(shows);
      transcript.push(`$ ${command}`, ...(shown === '' ? [] : [shown]));
    }
    const text = changing.reduce(
      (before, [pattern, stand]) => before.replaceAll(pattern, stand),
      transcript
        .join('\n')
        .replaceAll(work, '~/demo')
        .replaceAll(home, '~')
        .replaceAll(store, '~/.cache/ampoule'),
    );
    await mkdir(page, {recursive: true});
    await writeFile(
      path.join(page, `${name}.md`),
      `# ${title}\n\nWritten by \`npx vitest run --project variants transcripts\`, on a terminal. Times and digests are left out.\n\n\`\`\`console\n${text}\n\`\`\`\n`,
    );
  });
});
