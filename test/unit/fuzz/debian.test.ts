import fc from 'fast-check';
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {buffer} from 'node:stream/consumers';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {parseControl} from '../../../src/debian/control.js';
import {readDebMember} from '../../../src/debian/deb-file.js';
import {compareDebianVersions} from '../../../src/debian/debian-version.js';
import {extractDeb} from '../../../src/debian/extract-deb.js';
import {parseImageDefinition} from '../../../src/debian/image-definition.js';
import {parseImageLock} from '../../../src/debian/image-lock.js';
import {readInRelease} from '../../../src/debian/in-release.js';
import {parseRelations, readPackageIndex, satisfies} from '../../../src/debian/package-index.js';
import {parseRelease} from '../../../src/debian/release.js';
import {readSourceIndex} from '../../../src/debian/source-index.js';
import {readSourceArchive} from '../../../src/fetch/read-source-archive.js';
import {parseAptUris} from '../../../src/fetch/apt-configuration.js';
import {fuzz} from '../../support/fuzz/fuzz.js';
import {mutated, mutatedText, mutations} from '../../support/fuzz/mutations.js';
import {clearSign, makeSigningKey, type SigningKey} from '../../support/signing-key.js';
import {makeAr, makeTar} from '../debian/deb-builder.js';
import {xzSample, zstdSample} from '../../support/fuzz/samples.js';

const tar = await makeTar([
  {name: './usr/', type: 'directory'},
  {name: './usr/bin/tool', content: 'x'.repeat(700), mode: 0o4755},
  {name: './usr/bin/link', type: 'symlink', linkname: 'tool'},
  {name: './usr/bin/hard', type: 'link', linkname: './usr/bin/tool'},
  {name: `./usr/share/${'long/'.repeat(40)}name`, content: 'long'},
  {name: './usr/share/ünïcode', content: ''},
]);
const debOf = (name: string, data: Buffer) =>
  makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(Buffer.alloc(1024))],
    [name, data],
  ]);
const debs = mutated(
  debOf('data.tar', tar),
  debOf('data.tar.gz', gzipSync(tar)),
  debOf('data.tar.xz', xzSample),
  debOf('data.tar.zst', zstdSample),
);

const sourceTar = await makeTar([
  {name: 'x/', type: 'directory'},
  {name: 'x/configure', content: 'x', mtime: new Date(0)},
  {name: `x/${'long/'.repeat(50)}ü`, content: 'x', pax: {mtime: '1.5'}},
]);

describe('a damaged source archive', () => {
  fuzz('is dated or refused', mutated(sourceTar), async (bytes) => {
    const file = path.join(folder, 'x.tar');
    await writeFile(file, bytes);
    expect((await readSourceArchive(file, 'x.tar')).date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});

let folder: string;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ampoule-fuzz-'));
});
afterAll(() => rm(folder, {recursive: true}));

describe('damaged packages', () => {
  fuzz('are read or refused', debs, async (bytes) => {
    const file = path.join(folder, 'x.deb');
    await writeFile(file, bytes);
    await buffer(readDebMember(file, 'data'));
  });

  fuzz(
    'are unpacked or refused, and nothing is written outside the root',
    fc.oneof(
      mutated(tar).map((bytes) => debOf('data.tar', bytes)),
      debs,
    ),
    async (bytes) => {
      runs += 1;
      const own = path.join(folder, String(runs));
      const rootPath = path.join(own, 'deep/root');
      await mkdir(rootPath, {recursive: true});
      const debPath = path.join(own, 'x.deb');
      await writeFile(debPath, bytes);
      const rules = {kind: 'rootfs', usr: 'merged', exclude: []} as const;
      try {
        await extractDeb({packageName: 'x', debPath, rootPath, rules});
      } finally {
        expect(await readdir(own)).toEqual(['deep', 'x.deb']);
        expect(await readdir(path.join(own, 'deep'))).toEqual(['root']);
        await rm(own, {recursive: true});
      }
    },
  );
});

const packages = `Package: zlib1g
Version: 1:1.3.dfsg+really1.3.1-1+b1
Architecture: amd64
Priority: optional
Pre-Depends: dpkg (>= 1.15)
Depends: libc6 (>= 2.14), libx | liby:any (<< 2~rc1)
Provides: libz1 (= 1.2), libz
Breaks: old (<= 1)
Description: compression
 library
 .
 more
Filename: pool/main/z/zlib/zlib1g_1.3.deb
Size: 12345
SHA256: ${'a'.repeat(64)}

Package: other
Version: 2
SHA256: ${'b'.repeat(64)}
Size: 1
`;
const sources = `Package: zlib
Binary: zlib1g
Version: 1:1.3.dfsg+really1.3.2-1
Directory: pool/main/z/zlib
Checksums-Sha256:
 ${'a'.repeat(64)} 123 zlib_1.3.dfsg+really1.3.2.orig.tar.gz
 ${'b'.repeat(64)} 1 zlib_1.3.dfsg+really1.3.2-1.debian.tar.xz
`;
const release = `Origin: Debian
Suite: stable
Codename: trixie
Date: Sat, 12 Sep 2026 07:55:41 UTC
Valid-Until: Sat, 19 Sep 2026 07:55:41 UTC
Acquire-By-Hash: yes
No-Support-for-Architecture-all: Packages
SHA256:
 ${'a'.repeat(64)}   12 main/binary-amd64/Packages.xz
`;

describe('damaged control files', () => {
  fuzz('are read as paragraphs', mutatedText(packages, release), (text) => [...parseControl(text)]);

  fuzz('are read as an index of packages', mutatedText(packages), async (text) => {
    const index = await readPackageIndex([text]);
    for (const {depends, conflicts, version, sizeBytes} of index.packages.values()) {
      expect(Number.isSafeInteger(sizeBytes)).toBe(true);
      for (const {constraint} of [
        ...parseRelations(depends),
        ...parseRelations(conflicts),
      ].flat()) {
        satisfies(version, constraint);
      }
    }
  });

  fuzz(
    'are read as an index of sources, with paths of the pool',
    mutatedText(sources),
    async (text) => {
      for (const {sizeBytes, poolPath} of await readSourceIndex([text], new Set(['zlib']))) {
        expect(Number.isSafeInteger(sizeBytes)).toBe(true);
        expect(poolPath).toMatch(/^pool\/(?!.*\.\.)/);
      }
    },
  );

  fuzz('are read as a Release file, whose sizes are numbers', mutatedText(release), (text) => {
    for (const {sizeBytes} of parseRelease(text)?.files.values() ?? []) {
      expect(Number.isSafeInteger(sizeBytes)).toBe(true);
    }
  });

  fuzz(
    'are read as configuration of apt',
    mutatedText(
      'deb [arch=amd64 signed-by=/x] http://deb.example/debian trixie main\n',
      'Types: deb\nURIs: http://deb.example/debian\nSuites: trixie\nComponents: main\n',
    ),
    (text) =>
      parseAptUris([
        {name: 'sources.list', text},
        {name: 'debian.sources', text},
      ]),
  );
});

describe('a damaged InRelease', () => {
  let key: SigningKey;
  let signed: Buffer;
  beforeAll(async () => {
    key = await makeSigningKey();
    signed = Buffer.from(await clearSign(release, [key]));
  });

  // The signed text is known only when the key is: mutations come first.
  fuzz(
    'is refused, or says what Debian signed',
    mutations,
    async (mutate) => {
      const read = await readInRelease(mutate(signed).toString(), 'trixie', {
        keys: [key.file],
        now: new Date(),
      });
      expect(read).toEqual(parseRelease(release));
    },
    {share: 0.25},
  );
});

describe('versions of Debian', () => {
  const version = fc.stringMatching(/^(?:\d{1,3}:)?[0-9][0-9a-z.+~]{0,12}(?:-[0-9a-z.+~]{1,6})?$/);

  it('have an order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareDebianVersions(a, b))).toBe(
          -Math.sign(compareDebianVersions(b, a)) + 0,
        );
        if (compareDebianVersions(a, b) <= 0 && compareDebianVersions(b, c) <= 0) {
          expect(compareDebianVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      {numRuns: 2000},
    );
  });

  fuzz('of any characters have an order', fc.tuple(fc.string(), fc.string()), ([a, b]) => {
    expect(compareDebianVersions(a, b) + compareDebianVersions(b, a)).toBe(0);
  });
});

const root = path.resolve(import.meta.dirname, '../../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('damaged descriptions of images', () => {
  const images = readdirSync(path.join(root, 'docker')).filter((name) =>
    existsSync(path.join(root, 'docker', name, 'image.yaml')),
  );
  const [first = '', ...rest] = images;
  const definitions = mutatedText(
    textOf(`docker/${first}/image.yaml`),
    ...rest.map((name) => textOf(`docker/${name}/image.yaml`)),
  );

  fuzz('are read or refused with places', definitions, (text) =>
    parseImageDefinition(text, 'image.yaml'),
  );

  fuzz(
    'have locks that are read or refused with places',
    mutatedText(textOf('test/fixtures/images/tiny/image.lock.json')),
    (text) => parseImageLock(text, 'image.lock.json'),
  );
});
