import {spawnSync} from 'node:child_process';
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {startOnTerminal} from '../../support/terminal.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** Starts each shell as a person would have it after the line that `ampoule completion --help` names. */
const startShell = {
  bash: ['bash', '--norc', '--noprofile', '-i'],
  zsh: ['zsh', '-f', '-i'],
  fish: ['fish', '--no-config', '--interactive'],
};

const load = {
  bash: 'source <(ampoule completion bash)',
  zsh: 'autoload -U compinit; compinit -u -D; source <(ampoule completion zsh)',
  fish: 'ampoule completion fish | source',
};

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'completion-'));
  const program = path.join(folder, 'bin/ampoule');
  await mkdir(path.join(folder, 'bin'));
  await writeFile(
    program,
    `#!/bin/sh\nexec '${process.execPath}' '${root}/lib/cli/main.js' "$@"\n`,
  );
  await chmod(program, 0o755);
  await mkdir(path.join(folder, 'some folder'));
  await writeFile(path.join(folder, 'archive.tar.gz'), '');
  await mkdir(path.join(folder, 'store/v1/logs/dependency%2Fzlib'), {recursive: true});
  environment = {
    PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    AMPOULE_STORE: path.join(folder, 'store'),
  };
});

afterAll(() => rm(folder, {recursive: true, force: true}));

/** What a Tab makes of a line. zsh takes the blank or slash at the end back when something else is typed. */
const cases: readonly (readonly [typed: string, completed: string])[] = [
  ['pla', 'plan '],
  ['store ver', 'store verify '],
  ['build --exec', 'build --executor '],
  ['build --executor dock', 'build --executor docker '],
  ['build --executor=dock', 'build --executor=docker '],
  ['log dependency/z', 'log dependency/zlib '],
  ['why dependency/op', 'why dependency/openssl '],
  ['build 3.1', 'build 3.1'],
  ['plan --python 3.13,3.14 --options noo', 'plan --python 3.13,3.14 --options noopt '],
  ['build --target=x86', 'build --target=x86_64-unknown-linux-gnu '],
  ['image lock bas', 'image lock base '],
  ['inspect arch', 'inspect archive.tar.gz '],
  ['build --store some', 'build --store some\\ folder/'],
  ['doctor arch', 'doctor arch'],
];

/** The same with the command that is typed: on PATH, or as in a checkout. */
const typedCases = [
  ...cases.map((one) => ['ampoule', ...one] as const),
  ['./bin/ampoule', 'pla', 'plan '] as const,
];

describe.concurrent.each(['bash', 'zsh', 'fish'] as const)('in %s', (shell) => {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  const isRequired = process.env['AMPOULE_REQUIRE_SHELLS'] === '1';

  it.skipIf(!isThere && !isRequired)(
    isThere ? 'Tab completes commands, options, values and files' : `skipped: there is no ${shell}`,
    async () => {
      await using terminal = startOnTerminal(
        ['sh', '-c', `cd '${folder}' && exec ${startShell[shell].join(' ')}`],
        environment,
        {columns: 120, rows: 24},
      );
      // `read` shows that the shell has done what came before.
      terminal.type(`${load[shell]}; echo rea''dy\n`);
      await terminal.shows(/^ready$/);

      for (const [index, [command, typed, completed]] of typedCases.entries()) {
        // Ctrl-A and Ctrl-E put the finished line into a command that prints it and runs nothing.
        terminal.type(`${command} ${typed}\t`);
        terminal.type(`\u0001echo ${index} '\u0005.'\n`);
        const line = shell === 'zsh' ? completed.replace(/[ /]$/, '') : completed;
        await terminal.shows(new RegExp(`^${index} ${escapeText(`${command} ${line}`)}\\.$`));
      }
      terminal.type('exit\n');
      await terminal.ended;
    },
    60_000,
  );
});

function escapeText(text: string): string {
  return text.replaceAll(/[\\.*+?^${}()|[\]]/g, '\\$&');
}

it('runs nothing of the line that is completed', () => {
  const marker = path.join(folder, 'marker');
  const script =
    `source <(ampoule completion bash); compopt() { :; }; COMP_WORDS=(ampoule build '$(touch ${marker})' --exe); ` +
    `COMP_CWORD=3; _ampoule; printf '%s\\n' "\${COMPREPLY[@]}"`;

  const {stdout} = spawnSync('bash', ['-c', script], {env: environment, encoding: 'utf8'});

  expect(stdout).toBe('--executor\n');
  expect(spawnSync('test', ['-e', marker]).status).toBe(1);
});
