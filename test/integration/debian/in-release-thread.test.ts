import {pathToFileURL} from 'node:url';
import path from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import type * as inReleaseThread from '../../../src/debian/in-release-thread.js';
import {clearSign, makeSigningKey, type SigningKey} from '../../support/signing-key.js';

// Threads need compiled code.
const script = path.resolve(import.meta.dirname, '../../../lib/debian/in-release-thread.js');

let thread: typeof inReleaseThread;
let key: SigningKey;
let inRelease: string;
beforeAll(async () => {
  thread = (await import(pathToFileURL(script).href)) as typeof inReleaseThread;
  key = await makeSigningKey();
  const text = 'Origin: Debian\nCodename: trixie\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n';
  inRelease = await clearSign(text, [key]);
});

const question = (more: Partial<inReleaseThread.InReleaseQuestion> = {}) => ({
  inRelease,
  suite: 'trixie',
  keys: [key.file],
  now: new Date(),
  ...more,
});

describe('whyRefused', () => {
  it('gives in a thread the answers of readInRelease', async () => {
    const answers = await Promise.all([
      thread.whyRefused(question()),
      thread.whyRefused(question({suite: 'sid'})),
      thread.whyRefused(question({inRelease: inRelease.replace('Debian', 'Nobody')})),
    ]);

    expect(answers).toEqual([
      undefined,
      expect.stringContaining('expected sid'),
      expect.stringContaining('InRelease has no good signature'),
    ]);
  });

  it('names a damaged key file as bad input', async () => {
    const keys = [{name: 'broken.asc', text: 'no key'}];

    await expect(thread.whyRefused(question({keys}))).rejects.toMatchObject({
      code: 'E_INPUT',
      message: expect.stringContaining('docker/keyrings/broken.asc') as string,
    });
  });
});
