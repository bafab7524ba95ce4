// Unpacks an archive to run its interpreter.
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** Unpacks what runs of an archive of any flavour into a folder, and gives the path of its interpreter. */
export function unpackInterpreter(archive, folder) {
  mkdirSync(folder, {recursive: true});
  const isFull = archive.endsWith('.zst');
  const members = isFull ? ['python/PYTHON.json', 'python/install'] : ['python'];
  const how = ['--extract', isFull ? '--zstd' : '--gzip', '--file', archive, '--directory', folder];
  output('tar', [...how, ...members]);
  if (!isFull) return path.join(folder, 'python/bin/python3');
  const json = JSON.parse(readFileSync(path.join(folder, 'python/PYTHON.json'), 'utf8'));
  return path.join(folder, 'python', json.python_exe);
}

/** Runs a program without the user's environment and gives what it printed; throws if it fails. */
export function output(program, args) {
  const {status, stdout, stderr, error} = spawnSync(program, args, {
    encoding: 'utf8',
    // CPython keeps memory until it ends, which AddressSanitizer would report.
    env: {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      PYTHONHASHSEED: '0',
      ASAN_OPTIONS: 'detect_leaks=0',
    },
  });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}
