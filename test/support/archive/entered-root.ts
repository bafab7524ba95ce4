import {mkdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {archiveCases} from './archives.js';
import {run, type Finished} from './run.js';
import {openSandboxTool} from './small-root.js';

const project = path.resolve(import.meta.dirname, '../../..');

/** A root file system in which tests of the archives run, with this project, the archives and `/tmp` of this machine. */
export interface EnteredRoot {
  /** The words before a command that enter the root: arguments of bubblewrap, which may be followed by more. */
  readonly enter: readonly string[];
  /** Runs a program of the root. */
  readonly run: (...argv: readonly string[]) => Promise<Finished>;
  /** Runs test files of this project, whose programs run in the root. Gives what they printed if one failed, else ''. */
  readonly test: (files: readonly string[]) => Promise<string>;
}

/** Makes a folder with a root file system ready to be entered. */
export async function enterRoot(rootPath: string): Promise<EnteredRoot> {
  const tool = await openSandboxTool();
  const archives = path.dirname(archiveCases()[0]?.[1].full ?? '');
  for (const folder of [tmpdir(), project, archives]) {
    await mkdir(path.join(rootPath, folder), {recursive: true});
  }
  const enter = [
    ...['/usr/bin/env', '-C', tool.directory, tool.command],
    ...tool.leadingArguments,
    ...['--unshare-all', '--die-with-parent', '--ro-bind', rootPath, '/'],
    ...['--dev', '/dev', '--proc', '/proc', '--ro-bind', project, project],
    ...['--ro-bind', archives, archives, '--bind', tmpdir(), tmpdir()],
  ];
  return {
    enter,
    run: (...argv) => run(enter[0] ?? '', [...enter.slice(1), ...argv]),
    test: async (files) => {
      const argv = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...files];
      const finished = await run(process.execPath, argv, {
        cwd: project,
        env: {...inherited(), AMPOULE_E2E_ENTER: JSON.stringify(enter)},
        timeoutMs: 1_700_000,
      });
      return finished.exit === 0 ? '' : finished.stdout.slice(-6000) + finished.stderr;
    },
  };
}

/** What finds the archives and the images that are unpacked already. */
function inherited(): Readonly<Record<string, string>> {
  const names = ['HOME', 'TMPDIR', 'AMPOULE_STORE', 'AMPOULE_E2E_DIST', 'AMPOULE_DEBIAN_MIRROR'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
