"""What programs written for Debian's, docker's or Fedora's Python use of SQLite."""

import sqlite3

from checks import check, run


def database():
    connection = sqlite3.connect(':memory:')
    connection.execute('create table t(a, b)')
    connection.executemany('insert into t values(?, ?)', [(i, str(i)) for i in range(20)])
    return connection


def row(text, *arguments):
    return database().execute(text, *arguments).fetchone()


def works(title, text):
    check(title)(lambda: database().execute(text).fetchall() is not None)


works('DELETE with ORDER BY and LIMIT', 'delete from t order by a limit 3')
works('UPDATE with ORDER BY and LIMIT', 'update t set b = 0 order by a desc limit 3')
check('mathematical functions')(lambda: row('select sqrt(16), ln(1), ceil(1.2)') == (4.0, 0.0, 2))
check('soundex')(lambda: row("select soundex('robert')") == ('R163',))
check('median')(lambda: row('select median(a) from t') == (9.5,))
works('sqlite_stmt', 'select * from sqlite_stmt')
works('bytecode', "select * from bytecode('select 1')")
works('sqlite_offset', 'select sqlite_offset(a) from t')
works('dbstat', 'select * from dbstat')
works('fts4', 'create virtual table f using fts4(x)')
works('fts5', "create virtual table f using fts5(x, tokenize='trigram')")
works('rtree', 'create virtual table f using rtree(i, a, b)')
works('geopoly', 'create virtual table f using geopoly(a)')
check('json')(lambda: row("""select '{"a":1}' -> '$.a', json_extract(jsonb('[7]'), '$[0]')""") == ('1', 7))
check('40,000 variables in one statement')(
    lambda: row(f'select ? where 1 in ({", ".join("?" * 40_000)})', [1] * 40_001) == (1,)
)
check('a file by URI')(lambda: sqlite3.connect('file::memory:').execute('pragma database_list').fetchone() == (0, 'main', ''))


@check('the enhanced syntax of fts3')
def _():
    connection = database()
    connection.execute('create virtual table f using fts3(x)')
    connection.execute("insert into f values('one two')")
    return connection.execute("select count(*) from f where f match '(one OR three) AND two'").fetchone() == (1,)


@check('sqlite_stat4')
def _():
    connection = database()
    connection.execute('create index i on t(a)')
    connection.execute('analyze')
    return connection.execute('select count(*) from sqlite_stat4').fetchone()[0] > 0


@check('what programs ask by compile options')
def _():
    options = {option for (option,) in database().execute('pragma compile_options')}
    wanted = {'COLUMN_METADATA', 'PREUPDATE_HOOK', 'SESSION', 'UNLOCK_NOTIFY'}
    missing = {f'ENABLE_{name}' for name in wanted} | {'SECURE_DELETE'}
    return not missing - options or missing - options


check('threads, serialize, extensions')(
    lambda: sqlite3.threadsafety == 3
    and hasattr(sqlite3.Connection, 'serialize')
    and hasattr(sqlite3.Connection, 'load_extension')
)
run()
