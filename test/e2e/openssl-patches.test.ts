import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import {linkArguments} from '../support/archive/embedder.js';
import {readPythonJson} from '../support/archive/python-json.js';
import {hasProgram, outputOf, run} from '../support/archive/run.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

const hasCompiler = await hasProgram('gcc');
const source = fileURLToPath(new URL('programs/openssl-patches.c', import.meta.url));

/** Python has no call for most of OpenSSL, but embedders link the same libraries. */
describe.skipIf(!hasCompiler).each(archiveCases())('OpenSSL in %s', (_title, archives) => {
  let scratch: string;
  let program: string;

  beforeAll(async () => {
    scratch = await makeScratch();
    await unpack(archives.full, scratch);
    const folder = path.join(scratch, 'python');
    program = path.join(scratch, 'program');
    const links = readPythonJson(folder).build_info.extensions['_ssl']?.[0]?.links ?? [];
    const compile = ['-o', program, source, ...linkArguments(links), '-lpthread', '-ldl'];
    await outputOf('gcc', compile, {cwd: folder});
  });

  afterAll(() => removeScratch(scratch));

  it.each(['ChaCha20-Poly1305', 'AES-256-OCB', 'AES-256-GCM-SIV'])(
    '%s refuses an empty message whose tag is forged',
    async (cipher) => {
      expect(await run(program, [cipher])).toEqual({exit: 0, stdout: '', stderr: ''});
    },
  );

  it('serves a raw public key to a client that restricts who may sign certificates', async () => {
    expect(await run(program, ['raw-public-key'])).toEqual({exit: 0, stdout: '', stderr: ''});
  });
});
