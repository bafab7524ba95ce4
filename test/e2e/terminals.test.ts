import {copyFile, mkdir} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import type {Distribution} from '../support/archive/distribution.js';
import {unpackAndMove} from '../support/archive/distribution.js';
import {makeSmallRoot} from '../support/archive/small-root.js';
import type {SmallRoot} from '../support/archive/small-root.js';
import {typeInto} from '../support/archive/terminal.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** What terminals send for the arrow keys: once the application has asked for it, most send an O for the bracket. */
const arrows = (letter: 'up' | 'left', hasAskedFor: boolean) =>
  `\x1b${hasAskedFor ? 'O' : '['}${letter === 'up' ? 'A' : 'D'}`;

/** Terminals, and whether their arrow keys are told apart by the mode that applications switch on. */
const terminals = [
  ['xterm-256color', true],
  ['xterm-kitty', true],
  ['xterm-ghostty', true],
  ['alacritty', true],
  ['screen-256color', true],
  ['tmux-256color', true],
  ['linux', false],
] as const;

const lineEditors = [
  ['the REPL', {}],
  ['the basic REPL', {PYTHON_BASIC_REPL: '1'}],
] as const;

describe.each(archiveCases())('in a root without terminal descriptions, %s', (_title, pair) => {
  const executable = `/opt/my python/bin/${pair.program}`;
  let scratch: string;
  let distribution: Distribution;
  let root: SmallRoot;

  beforeAll(async () => {
    scratch = await makeScratch();
    distribution = await unpackAndMove(scratch, pair);
    root = await makeSmallRoot(path.join(scratch, 'root'), distribution, '/opt/my python');
  });

  afterAll(() => removeScratch(scratch));

  const python = async (text: string, env: Readonly<Record<string, string>> = {}) => {
    const {exit, stdout, stderr} = await root.run(executable, ['-c', text], {env});
    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    return stdout;
  };

  describe.each(lineEditors)('%s', (_editor, editorEnv) => {
    it.each(terminals)('takes the arrow keys of %s', async (TERM, hasMode) => {
      const command = [...root.commandOf({env: {TERM, ...editorEnv}}), executable, '-q'];
      const isBasic = 'PYTHON_BASIC_REPL' in editorEnv;
      const key = (name: 'up' | 'left') => arrows(name, hasMode && !isBasic);

      const {exit, text} = await typeInto(distribution, command, [
        {waitFor: '>>> ', type: 'print(6*7*1000)\r'},
        // 420378 is 6*7*10009: the line was fetched again, and the 9 went before its bracket.
        {
          waitFor: '42000\\r\\n[^]*>>> '.replace('[^]', '[\\s\\S]'),
          type: `${key('up')}${key('left')}9\r`,
        },
        {waitFor: '420378\\r\\n[\\s\\S]*>>> ', type: 'exit()\r'},
      ]);

      expect(exit).toBe(0);
      expect(text).not.toMatch(/termcap|terminfo|dumb|warning/i);
    });
  });

  it('curses knows terminals that the system does not', async () => {
    const output = await python(`
import curses
for name in ("xterm-256color", "alacritty", "foot"):
    curses.setupterm(name, fd=1)
    print(curses.tigetnum("colors"), curses.tigetstr("kcuu1"))
`);
    expect(output).toBe("256 b'\\x1bOA'\n".repeat(3));
  });

  it('curses and the REPL know terminals whose names begin with a capital letter', async () => {
    const output = await python(`
import curses, sys
for name in ("Eterm", "NCR260VT300WPP", "P4"):
    curses.setupterm(name, fd=1)
    if sys.version_info >= (3, 14):
        from _pyrepl.terminfo import TermInfo
        TermInfo(name, fallback=False)
print("known")
`);
    expect(output).toBe('known\n');
  });

  it('curses draws on them', async () => {
    const text = `
import curses
def draw(screen):
    screen.addstr(2, 2, "drawn by " + curses.termname().decode()); screen.refresh(); screen.getch()
curses.wrapper(draw)
`;
    const command = [...root.commandOf({env: {TERM: 'xterm-256color'}}), executable, '-c', text];

    const session = await typeInto(distribution, command, [
      {waitFor: 'drawn by xterm-256color', type: 'x'},
    ]);

    expect(session.exit).toBe(0);
  });

  it('children inherit no variable of it', async () => {
    const output = await python(`
import curses, os, readline, subprocess, sys
curses.setupterm("xterm-256color", fd=1)
subprocess.run([sys.executable, "-c", "import os; print(sorted(key for key in os.environ if 'TERM' in key))"])
`);
    expect(output).toBe("['TERM']\n");
  });

  it('knows them from a virtual environment, and in a folder with any name', async () => {
    const name = '/tmp/a:b\tc\nd';
    const output = await python(`
import os, subprocess, sys, venv
os.makedirs(${JSON.stringify(name)})
os.rename("/opt/my python", ${JSON.stringify(`${name}/python`)})
try:
    ask = "import curses; curses.setupterm('alacritty', fd=1); print(curses.tigetnum('colors'))"
    moved = ${JSON.stringify(`${name}/python/bin/python3`)}
    subprocess.run([moved, "-c", ask])
    os.symlink(${JSON.stringify(`${name}/python`)}, "/tmp/python")
    subprocess.run(["/tmp/python/bin/python3", "-m", "venv", "--without-pip", "/tmp/environment"])
    subprocess.run(["/tmp/environment/bin/python", "-c", ask])
finally:
    os.rename(${JSON.stringify(`${name}/python`)}, "/opt/my python")
`);
    expect(output).toBe('256\n256\n');
  });

  describe('takes a description first from', () => {
    const ask = `
import curses
curses.setupterm("xterm-256color", fd=1)
print(curses.tigetnum("colors"))
try:
    from _pyrepl.terminfo import TermInfo  # 3.14 reads descriptions without curses
except ImportError:
    pass
else:
    print(TermInfo("xterm-256color").get("setaf"))
`;
    /** What a vt100 says when it is asked: the wrong description tells that it was taken. */
    const takenFrom =
      (folder: string, env: Readonly<Record<string, string>> = {}) =>
      async () => {
        const target = path.join(root.hostPath, folder, 'x');
        await mkdir(target, {recursive: true});
        const bundled = path.join(distribution.prefix, 'share/terminfo/v/vt100');
        await copyFile(bundled, path.join(target, 'xterm-256color'));

        const output = await python(ask, env);

        await removeScratch(target);
        expect(output).toMatch(/^-1\n(?:None\n)?$/);
      };

    it('/etc/terminfo', takenFrom('/etc/terminfo'));
    it('/lib/terminfo', takenFrom('/lib/terminfo'));
    it('/usr/share/terminfo', takenFrom('/usr/share/terminfo'));
    it('~/.terminfo', takenFrom('/root/.terminfo'));
    it('TERMINFO', takenFrom('/tmp/one', {TERMINFO: '/tmp/one'}));
    it('TERMINFO_DIRS', takenFrom('/tmp/two', {TERMINFO_DIRS: '/nowhere:/tmp/two'}));
  });
});
