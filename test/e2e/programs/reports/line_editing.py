"""What a person types at input(), in cmd, in pdb, at both prompts."""

import os
import pty
import re
import select
import signal
import sys
import tempfile
import time
from functools import partial

from checks import check, run

TIME_LIMIT = 30
QUIET = 0.15


def read_until(fd, out, is_enough):
    """Reads until the text is enough and the program was quiet for a moment, it ends, or the time is over."""
    end = time.monotonic() + TIME_LIMIT
    while time.monotonic() < end:
        if select.select([fd], [], [], QUIET)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                return
            if not data:
                return
            out.extend(data)
        elif is_enough(out.decode('utf-8', 'replace')):
            return


def session(code, keys, wanted, *, times=1, term='xterm', prompt='> ', basic_repl='1'):
    """True when a program shows `wanted` so many times after the keys were typed, else what it showed."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM=term, LC_ALL='C.UTF-8', HOME=tempfile.mkdtemp(), PYTHON_BASIC_REPL=basic_repl)
        os.execv(sys.executable, [sys.executable, *(['-c', code] if code else [])])
    out = bytearray()
    read_until(fd, out, lambda text: prompt in text)
    for key in keys:
        os.write(fd, key)
        before = len(out)
        # The answer to a key may be nothing at all.
        end = time.monotonic() + 0.3
        read_until(fd, out, lambda text: len(out) > before or time.monotonic() > end)
    read_until(fd, out, lambda text: text.count(wanted) >= times)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(fd)
    text = out.decode('utf-8', 'replace')
    return text.count(wanted) >= times or text


def shows(title, code, keys, wanted, **options):
    check(title)(partial(session, code, keys, wanted, **options))


LINES = "import readline\nwhile True:\n  x = input('> ')\n  print('GOT', ascii(x))\n  if x == 'quit': break\n"
COMPLETES = "import readline, rlcompleter\nreadline.parse_and_bind('tab: complete')\n"
HELLO = (
    "import readline\nreadline.set_completer(lambda t, n: [c for c in ('hello', 'help') if c.startswith(t)][n] if n < 2 "
    "else None)\n"
)
COLOURED = "import readline\nx = input('\\x01\\x1b[31m\\x02red> \\x01\\x1b[0m\\x02')\nprint('GOT', ascii(x), 'end')"
INTERRUPTED = (
    "import readline\ntry: input('> ')\nexcept KeyboardInterrupt: print('INTERRUPTED')\nprint('GOT', ascii(input('> ')))"
)
COMMANDS = (
    'import cmd\nclass C(cmd.Cmd):\n  def do_hello(self, a): print("HELLO", a)\n'
    '  def complete_hello(self, t, l, b, e): return [x for x in ("world", "word2") if x.startswith(t)]\nC().cmdloop()'
)
MATCHES = (
    "import readline\nreadline.set_completer(lambda t, n: ['beta', 'bet', None][n])\n"
    "readline.set_completion_display_matches_hook(lambda s, m, l: print('HOOK', s, m, l))\n"
    "readline.parse_and_bind('tab: complete')\ninput('> ')"
)

shows('arrow left inserts', LINES, [b'ac', b'\x1b[D', b'b\r'], "GOT 'abc'")
shows('application mode arrows', LINES, [b'ac', b'\x1bOD', b'b\r'], "GOT 'abc'")
shows('up recalls', LINES, [b'one\r', b'\x1b[A', b'\r'], "GOT 'one'", times=2)
shows('unicode typed and deleted', LINES, ['grüß日'.encode(), b'\x7f', b'\x7f', b'\r'], "GOT 'gr\\xfc'")
shows('unicode cursor', LINES, ['日本'.encode(), b'\x1b[D', 'é'.encode(), b'\r'], "GOT '\\u65e5\\xe9\\u672c'")
shows('home and end', LINES, [b'bc', b'\x1b[H', b'a', b'\x1b[F', b'd\r'], "GOT 'abcd'")
shows('home and end of the console', LINES, [b'bc', b'\x1b[1~', b'a', b'\x1b[4~', b'd\r'], "GOT 'abcd'", term='linux')
shows('delete key', LINES, [b'abc', b'\x1b[D\x1b[D', b'\x1b[3~', b'\r'], "GOT 'ac'")
shows('ctrl-a ctrl-e ctrl-k ctrl-w', LINES, [b'one two', b'\x17', b'three', b'\x01', b'x', b'\r'], "GOT 'xone three'")
shows('ctrl-r searches', LINES, [b'alpha one\r', b'beta two\r', b'\x12', b'alp', b'\r', b'\r'], "GOT 'alpha one'\r\n")
shows('tab completes', COMPLETES + LINES, [b'prin', b'\t', b'\r'], "GOT 'print(")
shows('a key in other forms', HELLO + r"""readline.parse_and_bind(r'"\C-i": complete')""" + '\n' + LINES,
      [b'hell', b'\t', b'\r'], "GOT 'hello")
shows('a key that types a text', r"""import readline; readline.parse_and_bind(r'Control-t: "six \x37\t\\"')""" + '\n' + LINES,
      [b'\x14', b'\r'], "GOT 'six 7\\t\\\\'")
shows('a named key', "import readline; readline.parse_and_bind('Meta-b: beginning-of-line')\n" + LINES,
      [b'b c', b'\x1bb', b'a', b'\r'], "GOT 'ab c'")
shows("a command of libedit", HELLO + "readline.parse_and_bind('bind ^I rl_complete')\n" + LINES,
      [b'hell', b'\t', b'\r'], "GOT 'hello")
shows('the same for this program', HELLO + "readline.parse_and_bind('python:bind ^I rl_complete')\n" + LINES,
      [b'hell', b'\t', b'\r'], "GOT 'hello")
shows('a line that means nothing', "import readline; readline.parse_and_bind('no such: line'); readline.parse_and_bind('\"')\n"
      "for l in ('\"abc: complete', 'don\\'t', '\"' + 'a' * 5000 + '\": complete', '\"x\": \"' + 'a' * 1100 + '\"', 'bind ' + 'a' * 3000 + ' x',\n"
      "          'set', 'set x', '\"\\\\C-\": x', 'tab:', ': x', '$if x', '', 'Control-: x', '\"a\": no-such'):\n"
      "  readline.parse_and_bind(l)\n" + LINES, [b'a\r'], "GOT 'a'")
shows('prompt with colours', COLOURED, [b'ac', b'\x1b[D', b'b\r'], "GOT 'abc' end")
check('prompt has no control marks')(lambda: (out := session(COLOURED, [b'ac\r'], 'nothing such')) is not True
                                     and not re.search('\x01|\\^A', out) or out)
for hook in ('set_startup_hook', 'set_pre_input_hook'):
    for redisplay in ('', ', readline.redisplay()'):
        shows(f'{hook}{redisplay}', f"import readline\nreadline.{hook}(lambda: (readline.insert_text('pre'){redisplay}))\n"
              "print('GOT', ascii(input('> ')))", [b'fix\r'], "GOT 'prefix'")
shows('the hook that shows matches', MATCHES, [b'b', b'\t', b'\t'], "HOOK bet ['bet', 'beta'] 4")
shows('cmd completes', COMMANDS, [b'hell', b'\t', b' worl', b'\t', b'\r'], 'HELLO world', prompt='(Cmd)')
shows('pdb completes', "import pdb\nvalue_name = 3\npdb.set_trace()\nprint('end')", [b'p value_na', b'\t', b'\r', b'c\r'],
      '3\r\n', prompt='(Pdb)')
shows('paste of a long line', LINES, [b'x' * 3000 + b'\r'], "GOT '" + 'x' * 3000 + "'")
shows('paste of several lines', LINES, [b'one\rtwo\rthree\r'], "GOT 'three'")
shows('bracketed paste is no noise', LINES, [b'\x1b[200~abc\x1b[201~', b'\r'], "GOT 'abc'")
shows('ctrl-c at input', INTERRUPTED, [b'abc', b'\x03', b'x\r'], "GOT 'x'")
shows('ctrl-d at input', "import readline\ntry: input('> ')\nexcept EOFError: print('E' + 'OF')", [b'\x04'], 'EOF')
shows('long line wraps', LINES, [b'y' * 200, b'\x01', b'z', b'\r'], "GOT 'z" + 'y' * 200 + "'")
shows('basic prompt', '', [b'a = 1 +', b' 1\r', b'print("A", a)\r'], 'A 2', prompt='>>>')
shows('new prompt', '', [b'a = 1 + 1\r', b'print("A", a)\r'], 'A 2', prompt='>>>', basic_repl='')
shows('TERM=dumb', LINES, [b'abc\r'], "GOT 'abc'", term='dumb')
shows('unknown TERM', LINES, [b'abc\r'], "GOT 'abc'", term='no-such-term')
shows('vi mode', "import readline\nreadline.parse_and_bind('bind -v')\n" + LINES, [b'abc', b'\x1b', b'0', b'x', b'\r'],
      "GOT 'bc'")
shows('the same mode again changes nothing', COMPLETES + "readline.parse_and_bind('set editing-mode emacs')\n" + LINES,
      [b'prin', b'\t', b'\r'], "GOT 'print(")
shows('a key that types other letters', r"""import readline; readline.parse_and_bind(r'"\C-t": "é日"')""" + '\n' + LINES,
      [b'\x14', b'\r'], "GOT '\\xe9\\u65e5'")
shows('vi mode in the form of readline', "import readline\nreadline.parse_and_bind('set editing-mode vi')\n" + LINES,
      [b'abc', b'\x1b', b'0', b'x', b'\r'], "GOT 'bc'")

run(workers=8)
