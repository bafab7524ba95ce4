import type * as openPgp from 'openpgp';
import {BuildError, InputError, messageOf} from '../core/errors.js';
import {parseRelease, type ReleaseFile} from './release.js';

/** A file of `docker/keyrings/`: public keys that a suite may be signed with. */
export interface KeyFile {
  readonly name: string;
  /** In OpenPGP's ASCII armour. */
  readonly text: string;
}

/** The keys and the time for checking a suite's files. */
export interface Trust {
  readonly keys: readonly KeyFile[];
  readonly now: Date;
}

/** A mirror served something that Debian did not sign for the suite, or that has expired. */
export class RefusedReleaseError extends BuildError {
  override readonly name = 'RefusedReleaseError';
  readonly code = 'E_RELEASE_REFUSED';

  /** `nextStep` is the advice for this reason. */
  constructor(
    readonly reason: string,
    private readonly nextStep = 'Name another mirror with --debian-mirror or AMPOULE_DEBIAN_MIRROR.',
    options?: ErrorOptions,
  ) {
    super(`${reason}\n${nextStep}`, options);
  }

  /** The same refusal with the URL of the file. */
  from(url: string): RefusedReleaseError {
    return new RefusedReleaseError(`${url} is refused: ${this.reason}`, this.nextStep, {
      cause: this,
    });
  }
}

/** Tolerance for clocks that differ. */
const clockSkewMs = 600_000;

/**
 * Checks that an InRelease file is from Debian's own archive, for `suite` (a code name or a name like `stable`), and
 * signed by a known key that is valid now. Does not check its age: see `checkTimes`.
 * @throws RefusedReleaseError, or InputError when a key file cannot be read.
 */
export async function readInRelease(
  inRelease: string,
  suite: string,
  trust: Trust,
): Promise<ReleaseFile> {
  const release = parseRelease(await signedText(inRelease, trust));
  if (release === undefined) throw new RefusedReleaseError('InRelease is not a Release file');
  const {origin, codename} = release;
  if (origin !== 'Debian') {
    throw new RefusedReleaseError(`InRelease is of "${origin}", expected Debian's own archive`);
  }
  if (release.suite !== suite && codename !== suite) {
    const got = [codename, release.suite].filter((name) => name !== '').join(', ');
    throw new RefusedReleaseError(`InRelease is of the suite ${got}, expected ${suite}`);
  }
  return release;
}

/**
 * Returns `Valid-Until` if it has passed and `isExpiredAllowed`.
 * @throws RefusedReleaseError when it has passed and is not allowed, or when the file is from the future.
 */
export function checkTimes(
  {date, validUntil}: ReleaseFile,
  {now, isExpiredAllowed}: Pick<Trust, 'now'> & {readonly isExpiredAllowed: boolean},
): string | undefined {
  if (Date.parse(date) > now.getTime() + clockSkewMs) {
    throw new RefusedReleaseError(
      `InRelease is of ${date}, which is later than this machine's time, ${now.toISOString()}`,
      'Correct the clock of this machine.',
    );
  }
  if (validUntil === undefined || Date.parse(validUntil) >= now.getTime()) return undefined;
  if (isExpiredAllowed) return validUntil;
  throw new RefusedReleaseError(
    `InRelease was valid until ${validUntil}, which has passed: the mirror, or the suite, is not kept up to date ` +
      '(--allow-expired takes it nevertheless)',
  );
}

/** The text of a clear-signed file with at least one valid signature. */
async function signedText(inRelease: string, {keys, now}: Trust): Promise<string> {
  // Large and rarely needed: loaded on first use.
  const openpgp = await import('openpgp');
  const message = await openpgp
    .readCleartextMessage({cleartextMessage: inRelease})
    .catch((error: unknown) => {
      throw new RefusedReleaseError(`InRelease is not signed: ${messageOf(error)}`, undefined, {
        cause: error,
      });
    });
  const known = (await Promise.all(keys.map((file) => readKeys(openpgp, file)))).flat();
  const date = new Date(now.getTime() + clockSkewMs);
  const {data, signatures} = await openpgp.verify({
    message,
    verificationKeys: known.map(({key}) => key),
    date,
  });
  const reasons: string[] = [];
  for (const {keyID, verified, signature} of signatures) {
    const owner = known.find(({key}) => key.getKeys(keyID).length > 0);
    const title = `key ${keyID.toHex().toUpperCase()}`;
    if (owner === undefined) {
      reasons.push(`${title}: it is not in docker/keyrings`);
      continue;
    }
    const created = (await signature).packets[0]?.created;
    if (created && created > date) {
      const times = `signed at ${created.toISOString()}, but here it is ${now.toISOString()}`;
      reasons.push(`${title} of ${owner.file}: ${times}: is this machine's clock correct?`);
      continue;
    }
    try {
      await verified;
      // The library checks a key at the time that the signature itself names.
      await owner.key.getSigningKey(keyID, now);
      return data;
    } catch (error) {
      reasons.push(`${title} of ${owner.file}: ${messageOf(error)}`);
    }
  }
  if (reasons.length === 0) reasons.push('there is none');
  throw new RefusedReleaseError(
    ['InRelease has no good signature:', ...reasons].join('\n  '),
    'Name another mirror with --debian-mirror. If Debian has new keys: docker/keyrings/README.md.',
  );
}

async function readKeys(openpgp: typeof openPgp, {name, text}: KeyFile) {
  try {
    const keys = await openpgp.readKeys({armoredKeys: text});
    return keys.map((key) => ({file: name, key: key.toPublic()}));
  } catch (error) {
    throw new InputError([
      {
        file: `docker/keyrings/${name}`,
        message: `expected OpenPGP public keys in ASCII armour: ${messageOf(error)}`,
      },
    ]);
  }
}
