import xterm from '@xterm/headless';
import {spawn} from 'node:child_process';
import path from 'node:path';

/** A command on a terminal of its own, and what that terminal shows. */
export interface TerminalCommand extends AsyncDisposable {
  /** Resolves to the command's exit code. */
  readonly ended: Promise<number | null>;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Every line that can be read: those that were scrolled away, and the screen. Without blanks at the ends. */
  lines(): Promise<readonly string[]>;
  /** Resolves when some line matches; rejects when the command ends without that. */
  shows(pattern: RegExp): Promise<void>;
  /** All that was written, with its escape codes. */
  written(): string;
}

/** Starts a command on a terminal of this size. */
export function startOnTerminal(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  {columns, rows} = {columns: 80, rows: 24},
): TerminalCommand {
  const screen = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 5000,
    allowProposedApi: true,
  });
  const helper = path.join(import.meta.dirname, 'on-terminal.py');
  const child = spawn('python3', [helper, String(columns), String(rows), ...argv], {
    env: {TERM: 'xterm-256color', ...environment},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString('latin1');
    screen.write(chunk, () => listeners.forEach((listener) => listener()));
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => screen.write('', () => resolve(code)));
  });
  const order = (value: object): void => void child.stdin.write(`${JSON.stringify(value)}\n`);
  // The helper's mark: what follows was written for the new size.
  screen.parser.registerOscHandler(7777, (size) => {
    const [newColumns = columns, newRows = rows] = size.split(';').map(Number);
    screen.resize(newColumns, newRows);
    return true;
  });
  // A terminal answers when it is asked where its cursor is.
  screen.onData((answer) => order({type: answer}));
  const shown = (): readonly string[] => {
    const {active} = screen.buffer;
    return Array.from({length: active.length}, (_unused, row) =>
      (active.getLine(row)?.translateToString(true) ?? '').trim(),
    );
  };
  return {
    ended,
    type: (text) => order({type: text}),
    resize: (newColumns, newRows) => order({resize: [newColumns, newRows]}),
    lines: () => new Promise((resolve) => screen.write('', () => resolve(shown()))),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!shown().some((line) => pattern.test(line))) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(() => {
          look();
          reject(new Error(`never showed ${pattern.source}:\n${shown().join('\n').trim()}`));
        });
      }),
    written: () => written,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      screen.dispose();
    },
  };
}
