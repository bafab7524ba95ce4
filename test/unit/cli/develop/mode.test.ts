import {describe, expect, it} from 'vitest';
import {chooseMode, separateArguments} from '../../../../src/cli/develop/mode.js';

const separated = (...words: string[]) =>
  separateArguments(['node', 'ampoule', ...words])
    .slice(2)
    .join(' ');

describe('the arguments after --run and its like', () => {
  it.each([
    ['develop d --run ./python -c 1', 'develop d --run -- ./python -c 1'],
    ['develop d --test test_list -v', 'develop d --test -- test_list -v'],
    ['develop --options debug d --gdb -X dev', 'develop --options debug d --gdb -- -X dev'],
    ['develop d --run ./python -- --run', 'develop d --run -- ./python -- --run'],
    ['develop d --run -- ./python -c 1', 'develop d --run -- ./python -c 1'],
    ['develop d --regen', 'develop d --regen --'],
  ])('are its own: %s', (written, expected) => {
    expect(separated(...written.split(' '))).toBe(expected);
  });

  it.each(['develop d --shell', 'shell zlib -- ls --run', 'test a --run b', 'develop d -- --run'])(
    'are left alone in: %s',
    (written) => {
      expect(separated(...written.split(' '))).toBe(written);
    },
  );
});

describe('what develop does', () => {
  it.each([
    [{}, [], 'make'],
    [{run: true}, ['./python'], 'run'],
    [{test: true}, [], 'test'],
    [{shell: true}, [], 'shell'],
  ] as const)('is one thing: %j', (options, given, mode) => {
    expect(chooseMode(options, given)).toMatchObject({mode, arguments: given});
  });

  it.each([
    [{run: true, gdb: true}, ['a'], /--run and --gdb exclude each other/],
    [{}, ['a', 'b'], /unexpected argument "a"\. .* --run a b/],
    [{shell: true}, ['a'], /unexpected argument "a"/],
    [{run: true}, [], /--run: expected a command/],
  ] as const)('is refused if it is not clear: %j %j', (options, words, message) => {
    expect(() => chooseMode(options, words)).toThrow(message);
  });
});
