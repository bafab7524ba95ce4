import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {expect} from 'vitest';
import {patienceMs} from '../patience.js';

/** How a program ended, what it said and what it took. */
export interface Measured {
  /** `undefined` when it had to be killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that it ever had; infinite when it was killed before it could tell. */
  readonly peakMebibytes: number;
}

const hook = path.resolve(import.meta.dirname, 'peak-memory.mjs');

/** Runs a program of Node with these arguments. */
export async function runMeasured(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Measured> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-peak-'));
  const peakFile = path.join(folder, 'peak');
  try {
    return await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', hook, ...argv],
        {
          env: {...process.env, AMPOULE_TEST_PEAK: peakFile, ...environment},
          timeout: patienceMs / 2,
          killSignal: 'SIGKILL',
          maxBuffer: 256 << 20,
        },
        (_error, stdout, stderr) => {
          void readFile(peakFile, 'utf8')
            .then(
              (text) => Number(text) / 1024,
              () => Infinity,
            )
            .then((peakMebibytes) => {
              resolve({code: child.exitCode ?? undefined, stdout, stderr, peakMebibytes});
            });
        },
      );
    });
  } finally {
    await rm(folder, {recursive: true});
  }
}

/** No program may take more, whatever it is given to read. */
const allowedMebibytes = 400;

/** Ended by itself with one of `codes`, in bounded memory, and wrote nothing that a terminal would act upon. */
export function expectTame(
  result: Measured,
  codes: readonly number[],
  mebibytes = allowedMebibytes,
): void {
  if (process.env['AMPOULE_TEST_PEAKS'] !== undefined) {
    process.stdout.write(`${Math.round(result.peakMebibytes)} MiB, code ${String(result.code)}\n`);
  }
  expect(result.stderr).not.toContain('defect');
  expect(codes, result.stderr).toContain(result.code);
  expect(result.peakMebibytes).toBeLessThan(mebibytes);

  expect(result.stdout + result.stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
}
