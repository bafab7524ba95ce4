import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {readKeys} from 'openpgp';
import {beforeAll, describe, expect, it} from 'vitest';
import {checkTimes, readInRelease, RefusedReleaseError} from '../../../src/debian/in-release.js';
import {parseRelease} from '../../../src/debian/release.js';
import {clearSign, makeSigningKey, revoke, type SigningKey} from '../../support/signing-key.js';

const digest = 'a'.repeat(64);
const text = `Origin: Debian
Suite: stable
Codename: trixie
Date: Sat, 12 Sep 2026 07:55:41 UTC
Acquire-By-Hash: yes
No-Support-for-Architecture-all: Packages
SHA256:
 ${digest}   12 main/binary-amd64/Packages.xz
 ${'b'.repeat(64)} 4321 main/binary-all/Packages.xz
`;
const day = 86_400_000;

let key: SigningKey;
let other: SigningKey;
let signed: string;
beforeAll(async () => {
  key = await makeSigningKey();
  other = await makeSigningKey();
  signed = await clearSign(text, [key]);
});

const read = (
  inRelease: string,
  {keys = [key], suite = 'trixie'}: {keys?: readonly SigningKey[]; suite?: string} = {},
) => readInRelease(inRelease, suite, {keys: keys.map(({file}) => file), now: new Date()});

async function reasonOf(...question: Parameters<typeof read>): Promise<string> {
  const error: unknown = await read(...question).catch((thrown: unknown) => thrown);
  if (!(error instanceof RefusedReleaseError))
    throw new Error('it was not refused', {cause: error});
  return error.reason;
}

describe('readInRelease', () => {
  it('takes a suite by its code name and by its name, signed by a key that is known', async () => {
    expect((await read(signed)).files.get('main/binary-amd64/Packages.xz')).toEqual({
      sha256: digest,
      sizeBytes: 12,
    });
    expect((await read(signed, {suite: 'stable'})).codename).toBe('trixie');
  });

  it('is content with one good signature among others', async () => {
    const inRelease = await clearSign(text, [other, key]);

    expect((await read(inRelease)).date).toBe('2026-09-12T07:55:41Z');
  });

  it('reads nothing but what is signed', async () => {
    const around = `Codename: bookworm\n\n${signed}\nCodename: sid\n`;

    expect((await read(around)).codename).toBe('trixie');
  });

  it.each([
    [
      'a text that was changed',
      () => signed.replace(digest, 'c'.repeat(64)),
      'digest did not match',
    ],
    ['a line that was added', () => signed.replace('Suite:', 'Label: x\nSuite:'), 'did not match'],
    ['no signature at all', () => text, 'InRelease is not signed'],
    [
      'a signature that was cut out',
      () => signed.replace(/(?<=SIGNATURE-----\n)[^]*(?=-----END)/, '\n'),
      'InRelease is not signed',
    ],
    ['a web page', () => '<html>', 'InRelease is not signed'],
  ])('refuses %s', async (_title, make, wanted) => {
    expect(await reasonOf(make())).toContain(wanted);
  });

  it('refuses a signature by another key, and names it', async () => {
    const id = other.privateKey.getKeyID().toHex().toUpperCase();

    const reason = await reasonOf(await clearSign(text, [other]));

    expect(reason).toBe(
      `InRelease has no good signature:\n  key ${id}: it is not in docker/keyrings`,
    );
  });

  it('refuses a key that has expired since it signed', async () => {
    const created = new Date(Date.now() - 10 * day);
    const expired = await makeSigningKey({name: 'old.asc', created, lifetime: 5 * 86_400});
    const inRelease = await clearSign(text, [expired], {at: new Date(Date.now() - 9 * day)});

    expect(await reasonOf(inRelease, {keys: [expired]})).toMatch(/ of old\.asc: .*expired/);
  });

  it('refuses a key that was revoked', async () => {
    const revoked = await revoke(key);

    expect(await reasonOf(signed, {keys: [revoked]})).toContain('revoked');
  });

  it('refuses a weak hash', async () => {
    const rsa = await makeSigningKey({isWeak: true});
    const inRelease = await clearSign(text, [rsa], {isWeak: true});

    expect(await reasonOf(inRelease, {keys: [rsa]})).toContain('SHA1');
  });

  it('refuses a signature of the future and asks about the clock', async () => {
    const inRelease = await clearSign(text, [key], {at: new Date(Date.now() + day)});

    expect(await reasonOf(inRelease)).toMatch(/signed at .*, but here it is .*clock correct/);
  });

  it.each([
    [
      'another suite',
      'Codename: trixie',
      'Codename: bookworm',
      'bookworm, stable, expected trixie',
    ],
    [
      'another origin',
      'Origin: Debian',
      'Origin: Nodes',
      'InRelease is of "Nodes", expected Debian',
    ],
    ['a signed letter', 'Date: ', 'Dear: ', 'InRelease is not a Release file'],
  ])('refuses %s, though well signed', async (_title, from, to, wanted) => {
    expect(await reasonOf(await clearSign(text.replace(from, to), [key]))).toContain(wanted);
  });

  it('names the file of a key that cannot be read', async () => {
    const broken = {...key, file: {name: 'broken.asc', text: 'no key'}};

    await expect(read(signed, {keys: [broken]})).rejects.toThrow(
      /^docker\/keyrings\/broken\.asc: expected OpenPGP public keys/,
    );
  });
});

describe('parseRelease', () => {
  it('reads the times, the index files and where they lie', () => {
    const release = parseRelease(`${text}Valid-Until: Sat, 19 Sep 2026 07:55:41 UTC\n`);

    expect(release).toMatchObject({
      suite: 'stable',
      validUntil: '2026-09-19T07:55:41Z',
      hasByHash: true,
      hasIndexForAll: false,
    });
    expect(release?.files.size).toBe(2);
  });

  it('takes no time that it cannot read', () => {
    expect(parseRelease(`${text}Valid-Until: one day\n`)).toBeUndefined();
    expect(parseRelease(text.replace(/Date: .*/, 'Date: one day'))).toBeUndefined();
  });
});

describe('checkTimes', () => {
  const release = (fields: string) => {
    const parsed = parseRelease(text.replace(/^Date: .*$/m, fields));
    if (parsed === undefined) throw new Error('no Release file');
    return parsed;
  };
  const now = new Date('2026-11-21T10:00:00Z');
  const dated = 'Date: Sat, 12 Sep 2026 07:55:41 UTC';
  const expired = `${dated}\nValid-Until: Sat, 19 Sep 2026 07:55:41 UTC`;

  it('has nothing against a file without an end, or before it', () => {
    const current = `${dated}\nValid-Until: Sat, 28 Nov 2026 07:55:41 UTC`;

    expect(checkTimes(release(dated), {now, isExpiredAllowed: false})).toBeUndefined();
    expect(checkTimes(release(current), {now, isExpiredAllowed: true})).toBeUndefined();
  });

  it('refuses an expired file, or tells its end when that is allowed', () => {
    expect(() => checkTimes(release(expired), {now, isExpiredAllowed: false})).toThrow(
      /valid until 2026-09-19T07:55:41Z.*--allow-expired/s,
    );
    expect(checkTimes(release(expired), {now, isExpiredAllowed: true})).toBe(
      '2026-09-19T07:55:41Z',
    );
  });

  it('refuses a file of the future, but for clocks that differ a little', () => {
    const at = (time: string) => release(`Date: Sat, 21 Nov 2026 ${time} UTC`);

    expect(() => checkTimes(at('10:30:00'), {now, isExpiredAllowed: true})).toThrow(
      /Correct the clock/,
    );
    expect(checkTimes(at('10:05:00'), {now, isExpiredAllowed: false})).toBeUndefined();
  });
});

describe('docker/keyrings', () => {
  const folder = path.resolve(import.meta.dirname, '../../../docker/keyrings');
  const readText = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const files = readdirSync(folder).filter((name) => name.endsWith('.asc'));

  it.each(files)('has in its README the key of %s and when it expires', async (name) => {
    const keys = await readKeys({armoredKeys: readText(name)});

    for (const each of keys) {
      const expiry = await each.getExpirationTime();
      const until = expiry instanceof Date ? expiry.toISOString().slice(0, 10) : 'never';
      const row = readText('README.md')
        .split('\n')
        .find((line) => line.includes(`\`${name}\``));
      expect(row).toContain(each.getFingerprint().toUpperCase());
      expect(row).toContain(`| ${until} |`);
    }
  });
});
