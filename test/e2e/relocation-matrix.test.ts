import {link, mkdir} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import type {Distribution} from '../support/archive/distribution.js';
import {unpackAndMove} from '../support/archive/distribution.js';
import {hasProgram, run} from '../support/archive/run.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';
import {waysToCall} from '../support/archive/ways/calling.js';
import {waysThroughEnvironments} from '../support/archive/ways/environments.js';
import {waysToPlace} from '../support/archive/ways/placing.js';
import {waysByPrograms} from '../support/archive/ways/programs.js';
import {expectFound} from '../support/archive/ways/way.js';

const hasCompiler = await hasProgram('gcc');
const ways = [...waysToCall, ...waysToPlace, ...waysThroughEnvironments, ...waysByPrograms];

describe.each(archiveCases())('the library of %s', (_title, pair) => {
  let scratch: string;
  let distribution: Distribution;

  beforeAll(async () => {
    scratch = await makeScratch();
    distribution = await unpackAndMove(scratch, pair);
  });

  afterAll(() => removeScratch(scratch));

  for (const [number, way] of ways.entries()) {
    it.skipIf(way.needsCompiler === true && !hasCompiler)(`is found ${way.name}`, async () => {
      const place = path.join(scratch, `way-${number}`);
      await mkdir(place);

      const {finished, expected} = await way.start({distribution, pair, name: pair.program, place});

      expectFound(finished, expected, pair);
      await removeScratch(place);
    });
  }

  // Nothing leads from the file to the library then; that it says so and ends is all that can be wanted.
  it('is missed, with a clear error, by an executable that lies alone under another name', async () => {
    const lonely = path.join(scratch, 'lonely');
    await link(distribution.executable, lonely);

    const {exit, stderr} = await run(lonely, ['-c', 'pass'], {cwd: '/'});

    expect(exit).toBe(1);
    expect(stderr).toContain('Could not find platform independent libraries <prefix>');
    expect(stderr).toContain("No module named 'encodings'");
  });
});
