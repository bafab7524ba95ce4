import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {parseImageDefinition} from '../../../src/debian/image-definition.js';
import {checkLock, formatImageLock, parseImageLock} from '../../../src/debian/image-lock.js';
import {imageSources, relockAdvice} from '../../../src/debian/image-sources.js';

const minimal = `name: tiny
suite: trixie
architecture: amd64
kind: rootfs
usr: merged
packages: [make]
`;

function mistakes(text: string): readonly string[] {
  const result = parseImageDefinition(text, 'image.yaml');
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

describe('parseImageDefinition', () => {
  it('reads a definition with everything optional left out', () => {
    const definition = valueOrThrow(parseImageDefinition(minimal, 'image.yaml'));

    expect(definition).toEqual({
      name: 'tiny',
      suite: 'trixie',
      architecture: 'amd64',
      kind: 'rootfs',
      usr: 'merged',
      packages: ['make'],
      exclude: [],
      files: {},
      links: {},
      directories: [],
    });
  });

  it('reports every mistake at once, each with its place', () => {
    const text = minimal
      .replace('kind: rootfs', 'kind: floppy')
      .replace('[make]', '[make, Make, make]')
      .concat(
        'pakages: []\nfiles:\n  /etc/passwd: x\nlinks:\n  bin/awk: gawk\ndirectories: [../x]\n',
      );

    expect(mistakes(text)).toEqual([
      'image.yaml:4:7: "kind" must be one of rootfs, sysroot, not "floppy"',
      'image.yaml:6:18: "packages" must be the name of a Debian package, not "Make"',
      'image.yaml:6:24: "packages": make is here twice',
      expect.stringContaining('image.yaml:7:1: unknown key "pakages" in the file; known: name, '),
      expect.stringContaining('image.yaml:9:3: /etc/passwd: the path is absolute'),
      'image.yaml:11:3: bin/awk is usr/bin/awk in this image: write that',
      expect.stringContaining('image.yaml:12:15: ../x: the path leaves the root'),
    ]);
  });

  it('reports what is missing and what is no YAML', () => {
    expect(mistakes('name: tiny\n').join('\n')).toContain('the file lacks the key "suite"');
    expect(mistakes('- a\n')).toEqual(['image.yaml:1:1: the file must be a map of keys']);
    expect(mistakes('name: [\n')).not.toEqual([]);
    expect(mistakes('')).toEqual(['image.yaml:1:1: the file must be a map of keys']);
  });
});

const lockText = `{
  "format": 1,
  "suite": "trixie",
  "architecture": "amd64",
  "snapshot": "20261121T020000Z",
  "release-date": "2026-09-12T07:55:41Z",
  "release-sha256": "${'a'.repeat(64)}",
  "packages": {
    "libstdc++6": "1:14.2.0-19+b1 amd64 ${'b'.repeat(64)} 700 pool/main/g/gcc-14/libstdc++6_14.2.0-19+b1_amd64.deb",
    "make": "4.4.1-2~x amd64 ${'c'.repeat(64)} 463104 pool/main/m/make-dfsg/make_4.4.1-2~x_amd64.deb"
  }
}
`;

describe('parseImageLock', () => {
  it('reads what formatImageLock wrote, and writes the same text again', () => {
    const lock = valueOrThrow(parseImageLock(lockText, 'image.lock.json'));

    expect(lock.packages[0]).toEqual({
      name: 'libstdc++6',
      version: '1:14.2.0-19+b1',
      architecture: 'amd64',
      sha256: 'b'.repeat(64),
      sizeBytes: 700,
      poolPath: 'pool/main/g/gcc-14/libstdc++6_14.2.0-19+b1_amd64.deb',
    });
    expect(formatImageLock(lock)).toBe(lockText);
  });

  it('reports malformed packages, unknown formats and unknown keys with their places', () => {
    const text = lockText
      .replace('"format": 1', '"format": 2')
      .replace('700 pool', '07 pool')
      .replace('pool/main/m/make-dfsg', '../etc')
      .replace('  "packages"', '  "more": 1,\n  "packages"');

    const result = parseImageLock(text, 'l');

    expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic)).toEqual([
      'l:2:13: unknown lock format: lock the image again',
      'l:10:19: "libstdc++6" must be "version architecture sha256 size path"',
      'l:11:13: "make" must be "version architecture sha256 size path"',
      expect.stringContaining('l:8:3: unknown key "more"'),
    ]);
  });

  it('takes what was formatted by hand, but no package twice, as a merge may leave it', () => {
    const entry = `"make": "4.4 all ${'c'.repeat(64)} 1 pool/m/m.deb",`;
    const twice = lockText.replace('  "packages": {\n', `$&    ${entry}\n`);

    const result = parseImageLock(twice, 'l');

    expect(parseImageLock(lockText.replaceAll('\n', ''), 'l')).toMatchObject({ok: true});
    expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic)).toEqual([
      'l:11:5: the key "make" is here twice',
    ]);
  });

  it('says when a lock does not serve a definition any more', () => {
    const lock = valueOrThrow(parseImageLock(lockText, 'l'));
    const definition = valueOrThrow(
      parseImageDefinition(
        minimal.replace('[make]', '[make, patch]').replace('trixie', 'forky'),
        'd',
      ),
    );

    expect(checkLock(definition, lock, 'l').map(formatDiagnostic)).toEqual([
      'l: The lock is of the suite trixie, image.yaml wants forky: run `ampoule image lock tiny`.',
      'l: The lock does not have the package patch that image.yaml wants: run `ampoule image lock tiny`.',
    ]);
  });
});

describe('imageSources', () => {
  it('asks mirrors of the suite first and the snapshot of the lock last', () => {
    const lock = valueOrThrow(parseImageLock(lockText, 'l'));

    expect(imageSources(lock)[1]).toEqual({
      fileName: 'make_4.4.1-2~x_amd64.deb',
      sha256: 'c'.repeat(64),
      sizeBytes: 463104,
      locations: [
        {
          kind: 'debian',
          suite: 'trixie',
          poolPath: 'pool/main/m/make-dfsg/make_4.4.1-2~x_amd64.deb',
        },
        {
          kind: 'url',
          url: 'https://snapshot.debian.org/archive/debian/20261121T020000Z/pool/main/m/make-dfsg/make_4.4.1-2~x_amd64.deb',
        },
      ],
    });
  });
});

describe('relockAdvice', () => {
  it('names the package, its version and the command, for packages of the lock', () => {
    const lock = valueOrThrow(parseImageLock(lockText, 'l'));
    const sources = imageSources(lock);

    expect(relockAdvice('build', lock, sources)).toMatch(
      /^The packages libstdc\+\+6 \S+, make \S+ of the image build .*`ampoule image lock build`/,
    );
    expect(relockAdvice('build', {...lock, packages: []}, sources)).toBeUndefined();
  });
});

describe('the images of the repository', () => {
  const repository = path.resolve(import.meta.dirname, '../../..');
  const images = ['docker', 'test/fixtures/images'].flatMap((folder) =>
    readdirSync(path.join(repository, folder), {withFileTypes: true})
      .filter((entry) => entry.isDirectory() && entry.name !== 'keyrings')
      .map((entry) => path.join(folder, entry.name)),
  );

  it.each(images)('%s has a definition and a lock that serves it', (folder) => {
    const read = (name: string) => readFileSync(path.join(repository, folder, name), 'utf8');

    const definition = valueOrThrow(parseImageDefinition(read('image.yaml'), 'image.yaml'));
    const lock = valueOrThrow(parseImageLock(read('image.lock.json'), 'image.lock.json'));

    expect(definition.name).toBe(path.basename(folder));
    expect(checkLock(definition, lock, 'image.lock.json')).toEqual([]);
    expect(formatImageLock(lock)).toBe(read('image.lock.json'));
    expect(new Set(imageSources(lock).map(({fileName}) => fileName)).size).toBe(
      lock.packages.length,
    );
  });
});
