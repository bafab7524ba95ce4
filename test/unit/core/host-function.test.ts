import {describe, expect, it} from 'vitest';
import * as v from 'valibot';
import {InternalError} from '../../../src/core/errors.js';
import {
  defineHostFunction,
  type HostFunction,
  type HostFunctionContext,
} from '../../../src/core/host-function.js';

const context: HostFunctionContext = {
  sources: new Map(),
  inputs: new Map(),
  digests: new Map(),
  outputPath: '/nowhere',
  log: () => undefined,
  signal: new AbortController().signal,
};

function defined(run: (words: readonly string[]) => void) {
  let loads = 0;
  const schema = v.pipe(
    v.object({text: v.string()}),
    v.transform(({text}) => text.split(' ')),
  );
  const hostFunction = defineHostFunction<{text: string}, readonly string[]>({
    name: 'split',
    revision: 3,
    load: () => {
      loads += 1;
      return Promise.resolve({
        schema,
        run: (words) => {
          run(words);
          return Promise.resolve();
        },
      });
    },
  });
  return {hostFunction, loads: () => loads};
}

describe('a host function', () => {
  it('runs with what its schema makes of the parameters, and is loaded no sooner', async () => {
    const seen: (readonly string[])[] = [];
    const {hostFunction, loads} = defined((words) => seen.push(words));

    expect([hostFunction.name, hostFunction.revision, loads()]).toEqual(['split', 3, 0]);
    await hostFunction.run({text: 'a b'}, context);

    expect([seen, loads()]).toEqual([[['a', 'b']], 1]);
  });

  it('does not run with parameters of another form: the plan is wrong then', async () => {
    const {hostFunction} = defined(() => expect.unreachable());

    const running = (hostFunction as HostFunction).run({text: 1}, context);

    await expect(running).rejects.toThrow(InternalError);
    await expect(running).rejects.toThrow(
      'parameters of split: text: Invalid type: Expected string but received 1',
    );
  });
});
