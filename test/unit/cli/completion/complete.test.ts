import {describe, expect, it} from 'vitest';
import {complete} from '../../../../src/cli/completion/complete.js';
import {makeProgram} from '../../../../src/cli/program.js';

const program = await makeProgram(new AbortController().signal);
const at = (...words: string[]) => complete(program, words);
const values = (...words: string[]) => at(...words).candidates.map(({value}) => value);

describe('complete', () => {
  it('names the commands with what they do, but none that is hidden', () => {
    expect(values('')).toContain('build');
    expect(values('')).not.toContain('complete');
    expect(at('pla').candidates).toEqual([
      {value: 'plan', description: expect.stringContaining('every stage') as string},
    ]);
  });

  it('names the commands of a command', () => {
    expect(values('store', '')).toEqual(['verify', 'gc', 'path', 'help']);
  });

  it('names the options of the command that was named, wherever others stand before', () => {
    expect(values('build', '--exe')).toEqual(['--executor']);
    expect(values('build', '--executor', 'local', '-j', '2', '--pr')).toEqual([
      '--project',
      '--progress',
      '--profile',
    ]);
    expect(values('store', 'gc', '--dry')).toEqual(['--dry-run']);
  });

  it('names the choices of an option, in a word of its own and behind =', () => {
    expect(values('build', '--executor', '')).toEqual(['auto', 'local', 'docker']);
    expect(values('build', '--executor=d')).toEqual(['--executor=docker']);
  });

  it('takes the three words that bash makes of an option with =', () => {
    expect(values('build', '--executor', '=', 'd')).toEqual(['docker']);
    expect(values('build', '--executor', '=')).toEqual(['auto', 'local', 'docker']);
    expect(values('build', '--executor', '=', 'docker', '--jo')).toEqual(['--jobs']);
  });

  it('names the choices of an argument', () => {
    expect(values('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it.each([
    [['inspect', ''], 'files'],
    [['diff', 'one', ''], 'files'],
    [['build', '--output', ''], 'folders'],
    [['build', '--store=x'], 'folders'],
    [['why', ''], 'stages'],
    [['shell', ''], 'stages'],
    [['store', 'path', ''], 'stages'],
    [['log', ''], 'logs'],
    [['build', ''], 'buildable'],
    [['plan', ''], 'pythons'],
    [['build', '--python', ''], 'pythons'],
    [['build', '--options', 'noopt,'], 'buildOptions'],
    [['build', '--target', ''], 'targets'],
    [['image', 'lock', 'base', ''], 'images'],
    [['recipe', 'check', 'zlib', ''], 'recipes'],
    [['recipe', 'bump', ''], 'recipes'],
    [['shell', 'zlib', '--', 'l'], 'files'],
    [['build', '--glibc', ''], undefined],
    [['doctor', ''], undefined],
    [['inspect', 'archive', ''], undefined],
  ] as const)('%j: further values come from %s', (words, source) => {
    expect(at(...words).source).toBe(source);
  });

  it('completes the last value of a list', () => {
    expect(at('build', '--python', '3.13,3.1')).toMatchObject({prefix: '3.13,', typed: '3.1'});
    expect(at('build', '--options=noopt,pgo+l')).toMatchObject({
      prefix: '--options=noopt,pgo+',
      typed: 'l',
    });
  });
});
