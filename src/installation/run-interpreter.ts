import type {RunHostCommand} from '../executor/host-command.js';
import {itemsAt, parseJson, textAt} from '../archive/json-value.js';
import type {Installation} from './installation.js';
import {environmentOf} from './tree-environment.js';

/** What the interpreter of a tree says when it is started. */
export interface InterpreterReport {
  /** Its `sys.version`; `undefined` if it does not start. */
  readonly version: string | undefined;
  /** The extension modules that cannot be imported, each with the exception. */
  readonly failedImports: readonly {readonly name: string; readonly error: string}[];
  /** How the interpreter failed: the end of what it printed. */
  readonly problem?: string;
}

/** Each module in a child of its own: a broken one may end the process. */
const program = `
import json, subprocess, sys
failed = []
for name in sys.argv[1:]:
    child = subprocess.run([sys.executable, "-I", "-c", "import " + name], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if child.returncode:
        lines = child.stderr.strip().splitlines() or ["ended with " + str(child.returncode)]
        failed.append({"name": name, "error": lines[-1]})
print("\\n" + json.dumps({"version": sys.version, "failed": failed}))
`;

const outputCharacters = 1 << 20;

/** Starts the interpreter of a tree and imports its extension modules. */
export async function runInterpreter(
  tree: Installation,
  modules: readonly string[],
  run: RunHostCommand,
  signal: AbortSignal,
): Promise<InterpreterReport> {
  let output = '';
  const decoder = new TextDecoder();
  const exit = await run(
    {
      argv: [tree.executable, '-I', '-c', program, ...modules],
      cwd: '/',
      environment: {PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...environmentOf(tree)},
      onOutput: (chunk) => {
        output = (output + decoder.decode(chunk, {stream: true})).slice(-outputCharacters);
      },
    },
    signal,
  );
  signal.throwIfAborted();
  const report = parseJson(output.trimEnd().split('\n').at(-1) ?? '');
  const version = textAt(report, 'version');
  if (exit.kind !== 'exited' || exit.code !== 0 || version === undefined) {
    const ended = exit.kind === 'exited' ? `exit code ${exit.code}` : exit.kind;
    return {version, failedImports: [], problem: `${ended}: ${output.trim().slice(-2000)}`};
  }
  return {
    version,
    failedImports: itemsAt(report, 'failed').map((item) => ({
      name: textAt(item, 'name') ?? '',
      error: textAt(item, 'error') ?? '',
    })),
  };
}
