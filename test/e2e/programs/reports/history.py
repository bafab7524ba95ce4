"""The history of readline: files that any Python of the user reads and writes, and positions in it."""

import os
import readline
import tempfile

from checks import check, run

FOLDER = tempfile.mkdtemp()
ENCODED = b'_HiStOrY_V2_\nimport\\040os\nprint("two\\040words")\n'


def path(name, content=None):
    name = os.path.join(FOLDER, name)
    if content is not None:
        with open(name, 'wb') as file:
            file.write(content)
    return name


def content(name):
    with open(path(name), 'rb') as file:
        return file.read()


def items():
    return [readline.get_history_item(i + 1) for i in range(readline.get_current_history_length())]


def fresh(lines='abcde'):
    readline.clear_history()
    for line in lines:
        readline.add_history(line)


def read(text):
    fresh('')
    readline.read_history_file(path('file', text))
    return items()


def same(got, wanted):
    return got == wanted or got


@check('plain lines are read')
def _():
    return same(read(b'import os\nprint("two words")\n'), ['import os', 'print("two words")'])


@check('encoded lines are read')
def _():
    return same(read(ENCODED), ['import os', 'print("two words")'])


@check('an empty file is read')
def _():
    return same([read(b''), read(b'_HiStOrY_V2_\n'), read(b'\n'), read(b'a')], [[], [], [], ['a']])


@check('the ends of lines that Windows writes are read')
def _():
    return same(read(b'a\r\n\r\nb\r\n'), ['a', 'b'])


@check('an encoded line of 1024 characters is read')
def _():
    return same(read(b'_HiStOrY_V2_\n' + b'x' * 1024 + b'\n'), ['x' * 1024])


@check('a pipe is written')
def _():
    fresh('ab')
    source, target = os.pipe()
    readline.write_history_file(f'/dev/fd/{target}')
    os.close(target)
    with open(source, 'rb') as file:
        return same(file.read(), b'a\nb\n')


@check('errors of writing are told')
def _():
    fresh('ab')
    told = []
    for function in (
        lambda: readline.write_history_file('/dev/full'),
        lambda: readline.append_history_file(1, '/dev/full'),
        lambda: readline.append_history_file(1, path('missing')),
    ):
        try:
            function()
        except OSError as error:
            told.append(error.strerror)
    return same(told, ['No space left on device'] * 2 + ['No such file or directory'])


@check('a backslash of a plain line stays')
def _():
    return same(read('"\\040\\n"\n_HiStOrY_V2_\ngrüße\n'.encode()), ['"\\040\\n"', '_HiStOrY_V2_', 'grüße'])


@check('a folder and a missing file are errors')
def _():
    wrong = []
    for name in FOLDER, path('missing'):
        try:
            readline.read_history_file(name)
            wrong.append(name)
        except OSError:
            pass
    return same(wrong, [])


@check('lines are written as they are')
def _():
    lines = ['print("grüße \\n")', 'x = "日本"', '  indented']
    fresh(lines)
    readline.write_history_file(path('written'))
    text = content('written')
    readline.read_history_file(path('written'))
    return same((text, items()[3:]), ('\n'.join([*lines, '']).encode(), lines))


@check('a file is readable by its owner alone')
def _():
    fresh()
    readline.write_history_file(path('mode'))
    return same(os.stat(path('mode')).st_mode & 0o777, 0o600)


@check('so many lines are appended')
def _():
    fresh()
    got = []
    for count in 0, 1, 2, 5, 9:
        readline.append_history_file(count, path('appended', b'old\n'))
        got.append(content('appended'))
    return same(got, [b'old\n', b'old\ne\n', b'old\nd\ne\n', b'old\na\nb\nc\nd\ne\n', b'old\na\nb\nc\nd\ne\n'])


@check('lines are appended in the form of the file')
def _():
    fresh(['a b'])
    readline.append_history_file(1, path('encoded', ENCODED))
    return same(content('encoded'), ENCODED + b'a\\040b\n')


@check("CPython's recipe for concurrent sessions")
def _():
    path('sessions', b'')
    for _ in range(3):
        fresh('')
        readline.read_history_file(path('sessions'))
        known = readline.get_current_history_length()
        readline.add_history(f'line {known}')
        readline.append_history_file(readline.get_current_history_length() - known, path('sessions'))
    return same(content('sessions'), b'line 0\nline 1\nline 2\n')


@check('the length limits what is written')
def _():
    got = []
    try:
        for length in 0, 1, 2, 7, -1:
            readline.set_history_length(length)
            fresh()
            readline.write_history_file(path('limited'))
            readline.append_history_file(1, path('longer', ENCODED))
            got.append((content('limited'), content('longer')))
    finally:
        readline.set_history_length(-1)
    lines = [b'import\\040os\n', b'print("two\\040words")\n', b'e\n']
    first, all_lines = b'_HiStOrY_V2_\n', b'a\nb\nc\nd\ne\n'
    return same(got, [
        (b'', first),
        (b'e\n', first + lines[2]),
        (b'd\ne\n', first + b''.join(lines[1:])),
        (all_lines, first + b''.join(lines)),
        (all_lines, first + b''.join(lines)),
    ])


def steps(title, wanted, *functions):
    @check(title)
    def _():
        fresh()
        for function in functions:
            function()
        return same(items(), wanted)


remove, replace, add = readline.remove_history_item, readline.replace_history_item, readline.add_history
steps('replace 2', ['a', 'b', 'X', 'd', 'e'], lambda: replace(2, 'X'))
steps('remove 1, replace 1', ['a', 'X', 'd', 'e'], lambda: remove(1), lambda: replace(1, 'X'))
steps('remove 0, replace 0', ['X', 'c', 'd', 'e'], lambda: remove(0), lambda: replace(0, 'X'))
steps('remove the last, add, replace the last', ['a', 'b', 'c', 'd', 'Z'], lambda: remove(4), lambda: add('z'),
      lambda: replace(4, 'Z'))


@check('positions that are not there')
def _():
    fresh('abc')
    wrong = []
    for function in (lambda: replace(3, 'X'), lambda: remove(3), lambda: replace(-1, 'X'), lambda: remove(-1)):
        try:
            function()
            wrong.append('done')
        except ValueError:
            pass
    return same(([readline.get_history_item(i) for i in range(1, 5)], wrong), (['a', 'b', 'c', None], []))


run()
