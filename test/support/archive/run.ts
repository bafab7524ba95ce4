import {spawn} from 'node:child_process';
import {patienceMs} from '../patience.js';

/** How a program ended and what it wrote. */
export interface Finished {
  /** The exit code, or the name of the signal that ended it. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is started with. Nothing of this process's environment is passed on. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program finds in `argv[0]`, where that is not its path. */
  readonly argv0?: string;
  /** Who the program runs as; only root can run it as another user. */
  readonly as?: {readonly uid: number; readonly gid: number};
  /** After this time the program is killed. */
  readonly timeoutMs?: number;
}

/** The environment of every program under test: no variable of Python's, nothing of the user's. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C.UTF-8',
  TERM: 'xterm',
};

/**
 * The words before every command that enter another root file system, as a JSON list in `AMPOULE_E2E_ENTER`; none runs
 * programs on this machine. `plain-roots.test.ts` runs other test files in roots by it.
 */
const enter = JSON.parse(process.env['AMPOULE_E2E_ENTER'] ?? '[]') as readonly string[];

/** Runs a program to its end, with no input. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const [command = program, ...rest] = [...enter, ...placeInRoot(options), program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: options.cwd,
      env: {...plainEnvironment, ...options.env},
      argv0: enter.length > 0 ? undefined : options.argv0,
      ...(options.as !== undefined && {uid: options.as.uid, gid: options.as.gid}),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? patienceMs / 2,
      killSignal: 'SIGKILL',
    });
    const output = {stdout: '', stderr: ''};
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({exit: code ?? signal ?? 'unknown', ...output});
    });
  });
}

/** Arguments of bubblewrap's own, which itself is started elsewhere and under its own name. */
function placeInRoot({argv0, cwd = process.cwd()}: RunOptions): readonly string[] {
  if (enter.length === 0) return [];
  return ['--chdir', cwd, ...(argv0 === undefined ? [] : ['--argv0', argv0]), '--'];
}

/** What the program wrote to stdout. Throws with everything it wrote when it fails. */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const {exit, stdout, stderr} = await run(program, args, options);
  if (exit === 0) return stdout;
  throw new Error(
    `${[program, ...args].join(' ')}\nended with ${exit}\n${stderr.slice(-4000)}\n${stdout.slice(-4000)}`,
  );
}

/** Whether a program of that name is on the path. */
export async function hasProgram(name: string): Promise<boolean> {
  const {exit} = await run('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]);
  return exit === 0;
}
