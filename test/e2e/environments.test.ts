import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {outputOf} from '../support/archive/run.js';

const inEnvironment = `
import ssl, sqlite3, sys
assert sys.prefix != sys.base_prefix
print(sys.prefix)
print(sys.base_prefix)
`;

describe.each(archiveCases())('virtual environments of %s', (_title, archives) => {
  const distribution = useDistribution(archives);

  it('pip tells its version', async () => {
    const output = await outputOf(distribution.executable, ['-m', 'pip', '--version']);
    expect(output).toMatch(/^pip \d+\.\d+.* from .*second place\/my python\/lib/);
  });

  it.each([
    ['with links', '--symlinks'],
    ['with copies', '--copies'],
  ])('are made %s, with a pip that works', async (_how, option) => {
    const place = path.join(distribution.scratch, `an environment ${option}`);
    await outputOf(distribution.executable, ['-m', 'venv', option, place]);

    const output = await outputOf(path.join(place, 'bin/python'), ['-c', inEnvironment]);
    expect(output).toBe(`${place}\n${distribution.prefix}\n`);
    const pip = await outputOf(path.join(place, 'bin/python'), ['-m', 'pip', '--version']);
    expect(pip).toContain(place);
    expect(await outputOf(path.join(place, 'bin/pip'), ['--version'])).toBe(pip);
  });

  it('pip is installed without a trace of how', async () => {
    const output = await distribution.python(`
import importlib.metadata as metadata
pip = metadata.distribution("pip")
assert pip.read_text("direct_url.json") is None
print([str(file) for file in pip.files if not file.locate().exists() and "__pycache__" not in str(file)])
`);
    expect(output).toBe('[]\n');
  });
});
