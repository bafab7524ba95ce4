import {readFile, statfs} from 'node:fs/promises';
import os from 'node:os';
import {BuildError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import type {MirrorAnswer} from '../../fetch/ask-mirror.js';
import {formatBytes} from '../table.js';

/** This machine cannot build; the message says why and what to do. */
export class UnfitMachineError extends BuildError {
  override readonly name = 'UnfitMachineError';
  readonly code = 'E_UNFIT_MACHINE';
}

/** Images, libraries and one interpreter take about half of it. */
const leastSpaceBytes = 4e9;
/** Two links of `pgo+lto` side by side. */
const leastMemoryBytes = 3e9;
/** What the loaded program, its connections and its stages have open at once, several times. */
const leastFiles = 1024;
/** TLS certificates and signed suites hold for months: a clock that is this wrong is not set at all. */
const largestClockErrorMs = 24 * 60 * 60 * 1000;

/** The free space of the store's file system. */
export async function checkSpace(storeRoot: string): Promise<string> {
  const {bavail, bsize} = await statfs(storeRoot);
  return judgeSpace(bavail * bsize, storeRoot);
}

/** Judges free space. */
export function judgeSpace(freeBytes: number, storeRoot: string): string {
  const found = `${formatBytes(freeBytes)} free for the store`;
  if (freeBytes >= leastSpaceBytes) return found;
  throw new UnfitMachineError(
    `expected ${formatBytes(leastSpaceBytes)} or more, found ${found} ${storeRoot}. ` +
      `Next: ${ownCommand('store gc')}, or name a folder on another disk with --store or AMPOULE_STORE`,
  );
}

/** The memory that this process may still take: that of the machine, or of its control group. */
export function checkMemory(): string {
  return judgeMemory(process.availableMemory(), os.totalmem());
}

/** Judges available memory. */
export function judgeMemory(availableBytes: number, allBytes: number): string {
  const found = `${formatBytes(availableBytes)} of ${formatBytes(allBytes)} available`;
  if (availableBytes >= leastMemoryBytes) return found;
  throw new UnfitMachineError(
    `expected ${formatBytes(leastMemoryBytes)} or more, found ${found}. ` +
      'Next: end other programs, or raise the limit of this container; or build with --options noopt, which needs a third',
  );
}

/** How many files this process may open at once. */
export async function checkOpenFiles(): Promise<string> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const [, limit = 'unlimited'] = /^Max open files +(\S+)/m.exec(limits) ?? [];
  if (limit === 'unlimited' || Number(limit) >= leastFiles) return `${limit} at once`;
  throw new UnfitMachineError(
    `expected ${leastFiles} at once or more, found ${limit}. ` +
      `Next: ulimit -n ${leastFiles} (in a container: --ulimit nofile=${leastFiles})`,
  );
}

/** Whether Debian's packages can be downloaded. @param named the mirror that the user named. */
export function judgeMirrors(answers: readonly MirrorAnswer[], named: string | undefined): string {
  const reachable = answers.filter(({problem}) => problem === undefined).map(({base}) => base);
  const refused = answers.flatMap(({base, problem}) =>
    problem === undefined ? [] : [`  ${base}: ${problem}`],
  );
  const isNamedLost = named !== undefined && !reachable.includes(named);
  if (reachable.length > 0 && !isNamedLost) return reachable.join(', ');
  throw new UnfitMachineError(
    [
      isNamedLost
        ? 'the mirror that you named cannot be used:'
        : 'no mirror of Debian can be reached:',
      ...refused,
      'Next: look at the network and its proxy, or name a mirror with --debian-mirror or AMPOULE_DEBIAN_MIRROR;',
      '      once everything was fetched, --offline needs none',
    ].join('\n'),
  );
}

/** Compares the clock with those of the mirrors, and with a time that is past. All in milliseconds since 1970. */
export function judgeClock(nowMs: number, serversMs: readonly number[], pastMs: number): string {
  const now = new Date(nowMs).toISOString();
  const next = 'Next: set the clock; TLS and signatures fail otherwise';
  if (nowMs < pastMs - largestClockErrorMs) {
    const past = new Date(pastMs).toISOString();
    throw new UnfitMachineError(`expected a time after ${past}, found ${now}. ${next}`);
  }
  const isOff = (serverMs: number): boolean => Math.abs(serverMs - nowMs) > largestClockErrorMs;
  const [first] = serversMs;
  if (first !== undefined && serversMs.every(isOff)) {
    const server = new Date(first).toISOString();
    throw new UnfitMachineError(`expected ${server}, as the mirror has it, found ${now}. ${next}`);
  }
  return first === undefined ? `${now}; no mirror told its time` : now;
}
