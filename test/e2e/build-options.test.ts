import {describe, expect, it} from 'vitest';
import {archiveCases, hasOption} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';

/** Runs until a loop is hot, and tells what the interpreter says of itself. */
const tell = `
import json, sys, sysconfig

def loop():
    total = 0
    for number in range(20_000):
        total += number % 7
    return total

total = [loop() for _ in range(20)]
# 3.13 has a JIT, but nothing by which Python code could ask for it.
jit = getattr(sys, "_jit", None)
try:
    from _opcode import get_executor
except ImportError:
    traces = None
else:
    traces = 0
    for offset in range(0, len(loop.__code__.co_code), 2):
        try:
            traces += get_executor(code=loop.__code__, offset=offset) is not None
        except (ValueError, RuntimeError):
            pass
print(json.dumps({
    "total": set(total) == {59997},
    "isDebug": hasattr(sys, "gettotalrefcount"),
    "hasGil": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "tracesReferences": hasattr(sys, "getobjects"),
    "jit": [jit.is_available(), jit.is_enabled()] if jit else None,
    "traces": traces,
    "configArgs": sysconfig.get_config_var("CONFIG_ARGS"),
}))
`;

interface Told {
  readonly total: boolean;
  readonly isDebug: boolean;
  readonly hasGil: boolean;
  readonly tracesReferences: boolean;
  readonly jit: readonly boolean[] | null;
  readonly traces: number | null;
}

describe.each(archiveCases())('the build options of %s', (_title, archives) => {
  const distribution = useDistribution(archives);
  const has = (option: string) => hasOption(archives, option);
  const told = async (env: Readonly<Record<string, string>> = {}) =>
    JSON.parse(await distribution.python(tell, {env})) as Told;

  it('are seen in the interpreter', async () => {
    expect(await told()).toMatchObject({
      total: true,
      isDebug: has('debug'),
      hasGil: !has('freethreaded'),
      tracesReferences: has('trace-refs'),
    });
  });

  it('the JIT is there if it was asked for, and off until a program asks for it', async () => {
    const [off, on] = [await told(), await told({PYTHON_JIT: '1'})];

    expect({off: off.total, on: on.total}).toEqual({off: true, on: true});
    if (off.jit !== null) {
      expect(off.jit).toEqual([has('jit'), false]);
      expect(on.jit).toEqual([has('jit'), has('jit')]);
    }
    if (on.traces !== null) expect(on.traces > 0).toBe(has('jit'));
  });
});
