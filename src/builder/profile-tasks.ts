import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {sha256} from '../core/digest.js';
import {InputError} from '../core/errors.js';
import type {ProfileTask} from '../stages/project.js';

/** A stage's files are part of its key and of its record. */
const largestBytes = 1 << 20;

/**
 * Reads the programs of a training: each a path, with `=` and how often its counts are added: `app.py`, `app.py=3`.
 * @throws InputError with what is wrong of each.
 */
export async function readProfileTasks(words: readonly string[]): Promise<readonly ProfileTask[]> {
  const mistakes: string[] = [];
  const tasks: ProfileTask[] = [];
  for (const word of words) {
    const [, file = word, weight = '1'] = /^(.+)=([1-9]\d{0,3})$/.exec(word) ?? [];
    try {
      tasks.push({name: path.basename(file), ...(await readTask(file)), weight: Number(weight)});
    } catch (error) {
      mistakes.push(`--profile-task: ${word}: ${(error as Error).message}`);
    }
  }
  if (mistakes.length > 0) throw new InputError(mistakes);
  return tasks;
}

async function readTask(file: string): Promise<Pick<ProfileTask, 'text' | 'sha256'>> {
  if (!/^[\w.-]+\.py$/.test(path.basename(file))) {
    throw new Error(
      'expected a program of one file, <name>.py, of letters, digits, "_", "-" and ".", or <name>.py=<weight> with a weight from 1 to 9999',
    );
  }
  const bytes = await readFile(file);
  if (bytes.length > largestBytes) {
    throw new Error(`expected at most ${largestBytes} bytes, found ${bytes.length}`);
  }
  const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  return {text, sha256: sha256(bytes)};
}
