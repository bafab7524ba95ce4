import {readFile} from 'node:fs/promises';

/** A command line that is longer is cut. */
const longestCommand = 120;

/** A process in words, with its command if this process can see it: `process 3074 (ampoule build 3.14)`. */
export async function processTitle(pid: number): Promise<string> {
  const command = await commandLine(pid);
  return command === undefined ? `process ${pid}` : `process ${pid} (${command})`;
}

/** The command of a process, `ampoule build 3.14`; `undefined` if this process cannot see it. */
export async function commandLine(pid: number): Promise<string | undefined> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const script = words.findIndex((word) => word.endsWith('cli/main.js'));
  const named = script < 0 ? words : ['ampoule', ...words.slice(script + 1)];
  const command = named.filter((word) => word !== '').map(withoutCredentials);
  if (command.length === 0) return undefined;
  // It may hold a whole script, or codes that move the cursor.
  const text = command.join(' ').replaceAll(/[\s\p{Cc}]+/gu, ' ');
  return text.length > longestCommand ? `${text.slice(0, longestCommand)}…` : text;
}

/** Everybody on a machine may see a command line, but not everybody a log that quotes it. */
function withoutCredentials(word: string): string {
  return word.replaceAll(/(https?:\/*)[^\s/?#'"]*@/gi, '$1');
}
