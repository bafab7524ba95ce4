import {readFile} from 'node:fs/promises';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {buildInterpreter, type BuiltInterpreter} from '../support/built-interpreter.js';

const faults = await readFile(new URL('faults.c', import.meta.url), 'utf8');

/** The environment that docs/sanitizers.md tells. */
const environment =
  'export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1\n';

/** Compiles the module with faults as its author would, and calls one of them. */
function call(expression: string, flags: string): string {
  return `${environment}
python=/in/python/install/bin/python3
include=$($python -c 'import sysconfig; print(sysconfig.get_path("include"))')
clang -g -shared -fPIC --sysroot=/sysroot -fuse-ld=lld ${flags} -I"$include" /src/faults.c -o faults.so
PYTHONPATH=. $python -c 'import faults; print(faults.${expression})'`;
}

/** A build, and what it finds. */
interface Case {
  readonly options: string;
  /** How an extension module is compiled for it. */
  readonly flags: string;
  /** A call, the report's kind, and the place in it. */
  readonly found: readonly (readonly [string, RegExp, RegExp])[];
  /** Modules of CPython's own tests, mostly of parts in C. */
  readonly modules: string;
  readonly setting: string;
}

const cases: readonly Case[] = [
  {
    options: 'debug+asan+ubsan',
    flags: '-fsanitize=address,undefined',
    found: [
      ['use_after_free()', /heap-use-after-free/, /in use_after_free \/src\/faults\.c:13\b/],
      [
        'signed_overflow(1)',
        /runtime error: signed integer overflow/,
        /in signed_overflow \/src\/faults\.c:20\b/,
      ],
      [
        'past_array(5)',
        /runtime error: index 5 out of bounds/,
        /in past_array \/src\/faults\.c:29\b/,
      ],
    ],
    modules:
      'test_list test_dict test_set test_bytes test_struct test_array test_json test_re test_zlib test_hashlib test_memoryview test_itertools',
    setting: 'UBSAN_OPTIONS=halt_on_error=1',
  },
  {
    options: 'freethreaded+debug+tsan',
    flags: '-fsanitize=thread',
    found: [['data_race()', /WARNING: ThreadSanitizer: data race/, /count \/src\/faults\.c:38\b/]],
    modules: 'test_thread test_threading_local test_queue test_free_threading.test_dict test_list',
    setting:
      'TSAN_OPTIONS=suppressions=/in/python/build/Tools/tsan/suppressions_free_threading.txt',
  },
];

describe.each(cases)('$options', ({options, flags, found, modules, setting}) => {
  let python: BuiltInterpreter;

  beforeAll(async () => {
    python = await buildInterpreter(options);
  });
  afterAll(() => python[Symbol.asyncDispose]());

  it.each(found)('finds the fault of %s, with file and line', async (expression, kind, place) => {
    const {output} = await python.run(call(expression, flags), {'faults.c': faults});

    expect(output).toMatch(kind);
    expect(output).toMatch(place);
  });

  it('loads an extension module that knows nothing of it', async () => {
    const {code, output} = await python.run(call('signed_overflow(-1)', ''), {'faults.c': faults});

    expect({code, output}).toEqual({code: '0', output: '2147483646\n'});
  });

  it("passes CPython's own tests", async () => {
    const {code, output} = await python.run(
      `${environment}export ${setting}\n/in/python/install/bin/python3 -m test -j2 ${modules}`,
    );

    expect(output.slice(-3000)).toContain('Result: SUCCESS');
    expect(code).toBe('0');
  });
});
