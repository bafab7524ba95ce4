import {describe, expect, it} from 'vitest';
import {chooseAim, separateWords} from '../../../../src/cli/develop/words.js';

const separated = (...words: string[]) =>
  separateWords(['node', 'ampoule', ...words])
    .slice(2)
    .join(' ');

describe('the words after --run and its like', () => {
  it.each([
    ['develop d --run ./python -c 1', 'develop d --run -- ./python -c 1'],
    ['develop d --test test_list -v', 'develop d --test -- test_list -v'],
    ['develop --options debug d --gdb -X dev', 'develop --options debug d --gdb -- -X dev'],
    ['develop d --run ./python -- --run', 'develop d --run -- ./python -- --run'],
    ['develop d --run -- ./python -c 1', 'develop d --run -- ./python -c 1'],
    ['develop d --regen', 'develop d --regen --'],
  ])('are its own: %s', (written, wanted) => {
    expect(separated(...written.split(' '))).toBe(wanted);
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
  ] as const)('is one thing: %j', (options, words, aim) => {
    expect(chooseAim(options, words)).toEqual({aim, words});
  });

  it.each([
    [{run: true, gdb: true}, ['a'], /--run and --gdb exclude each other/],
    [{}, ['a', 'b'], /"a" is a word too many\. .* --run a b/],
    [{shell: true}, ['a'], /"a" is a word too many/],
    [{run: true}, [], /--run: wanted a command/],
  ] as const)('is refused if it is not clear: %j %j', (options, words, message) => {
    expect(() => chooseAim(options, words)).toThrow(message);
  });
});
