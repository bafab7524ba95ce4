import {readdirSync, readFileSync} from 'node:fs';

const firstOther = 3;
/** `O_CLOEXEC` as `/proc/self/fdinfo` shows it. */
const closeOnExec = 0o2000000;

let known: readonly number[] | undefined;

/**
 * The file descriptors that whoever started this process left open in it, such as a lock that a shell holds
 * (`exec 200>lock`). They stay open here, and must not reach any process that this one starts. Node itself opens files to
 * be closed in new processes, so the list never changes.
 */
export function inheritedFiles(): readonly number[] {
  known ??= readdirSync('/proc/self/fd')
    .map(Number)
    .filter((number) => number >= firstOther && isInherited(number));
  return known;
}

function isInherited(number: number): boolean {
  let text: string;
  try {
    text = readFileSync(`/proc/self/fdinfo/${number}`, 'utf8');
  } catch {
    // The folder's own, which has been closed.
    return false;
  }
  const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & closeOnExec) === 0;
}
