import {describe, expect, it} from 'vitest';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {readImageDefinition} from '../../../src/debian/image-includes.js';

const image = `name: tiny
suite: trixie
architecture: amd64
kind: rootfs
usr: merged
include: ../common.yaml
packages: [make]
exclude: [b]
files: {etc/b: b}
links: {usr/bin/b: c}
directories: [b]
`;
const common = `packages: [bash]
exclude: [a]
files: {etc/a: a}
links: {usr/bin/a: c}
directories: [a]
`;

const read = (files: Readonly<Record<string, string>>) =>
  readImageDefinition('docker/tiny/image.yaml', (file) => Promise.resolve(files[file]));

async function mistakes(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const result = await read({'docker/tiny/image.yaml': image, ...files});
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

describe('the files that an image includes', () => {
  it('come before what it says itself', async () => {
    const files = {'docker/tiny/image.yaml': image, 'docker/common.yaml': common};

    expect(valueOrThrow(await read(files))).toEqual({
      name: 'tiny',
      suite: 'trixie',
      architecture: 'amd64',
      kind: 'rootfs',
      usr: 'merged',
      packages: ['bash', 'make'],
      exclude: ['a', 'b'],
      files: {'etc/a': 'a', 'etc/b': 'b'},
      links: {'usr/bin/a': 'c', 'usr/bin/b': 'c'},
      directories: ['a', 'b'],
    });
  });

  it('may include others', async () => {
    const files = {
      'docker/tiny/image.yaml': image,
      'docker/common.yaml': 'include: more/more.yaml\n',
      'docker/more/more.yaml': common,
    };

    expect(valueOrThrow(await read(files)).packages).toEqual(['bash', 'make']);
  });

  it.each([
    [
      'a file that is missing',
      {},
      ['docker/tiny/image.yaml:6:10: "include": there is no docker/common.yaml'],
    ],
    [
      'a circle',
      {
        'docker/common.yaml': 'include:\n  - tiny/more.yaml\n',
        'docker/tiny/more.yaml': 'include: ../common.yaml\n',
      },
      [
        'docker/tiny/more.yaml:1:10: "include" goes round in a circle: ' +
          'docker/tiny/image.yaml -> docker/common.yaml -> docker/tiny/more.yaml -> docker/common.yaml',
      ],
    ],
    [
      'what two files say',
      {'docker/common.yaml': 'packages: [make]\nfiles: {etc/b: other}\ndirectories: [b]\n'},
      [
        'docker/tiny/image.yaml:7:12: "packages": make stands in docker/common.yaml already',
        'docker/tiny/image.yaml:9:9: "files": etc/b stands in docker/common.yaml already',
        'docker/tiny/image.yaml:11:15: "directories": b stands in docker/common.yaml already',
      ],
    ],
    [
      'mistakes in what is included',
      {'docker/common.yaml': 'name: tiny\nfiles: {bin/x: x}\n'},
      [
        'docker/common.yaml:1:1: unknown key "name" in the file; known: packages, exclude, files, links, directories, include',
        'docker/common.yaml:2:9: bin/x is usr/bin/x in this image: write that',
      ],
    ],
  ])('are reported: %s', async (_title, files, wanted) => {
    expect(await mistakes(files)).toEqual(wanted);
  });

  it('are reported: what two of them say', async () => {
    const two = image.replace('../common.yaml', '[../common.yaml, ../more.yaml]');
    const files = {'docker/tiny/image.yaml': two, 'docker/common.yaml': common};

    expect(await mistakes({...files, 'docker/more.yaml': 'exclude: a\n'})).toEqual([
      'docker/tiny/image.yaml:6:1: "include": docker/common.yaml and docker/more.yaml both say a',
    ]);
  });
});
