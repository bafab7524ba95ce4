import * as openpgp from 'openpgp';
import type {KeyFile} from '../../src/debian/in-release.js';

/** A throw-away key that a test signs suites with. */
export interface SigningKey {
  /** As it lies in `docker/keyrings/`. */
  readonly file: KeyFile;
  readonly privateKey: openpgp.PrivateKey;
}

/** How a test's key comes about. */
export interface KeyTraits {
  readonly name?: string;
  readonly created?: Date;
  /** Seconds after which it expires. */
  readonly lifetime?: number;
  /** An RSA key that signs with a hash which is broken. */
  readonly isWeak?: boolean;
}

const weakHash = {
  preferredHashAlgorithm: openpgp.enums.hash.sha1,
  // The library knows no salt of that length.
  nonDeterministicSignaturesViaNotation: false,
};

/** Makes a key. */
export async function makeSigningKey({
  name = 'test.asc',
  created = new Date(Date.now() - 1000),
  lifetime = 0,
  isWeak = false,
}: KeyTraits = {}): Promise<SigningKey> {
  const {privateKey} = await openpgp.generateKey({
    userIDs: [{name: 'Test Archive'}],
    ...(isWeak ? {type: 'rsa', rsaBits: 2048, config: weakHash} : {type: 'curve25519'}),
    date: created,
    keyExpirationTime: lifetime,
    format: 'object',
  });
  return {file: {name, text: privateKey.toPublic().armor()}, privateKey};
}

/** The text as a clear-signed file, like InRelease. */
export async function clearSign(
  text: string,
  keys: readonly SigningKey[],
  {at = new Date(), isWeak = false}: {readonly at?: Date; readonly isWeak?: boolean} = {},
): Promise<string> {
  const message = await openpgp.createCleartextMessage({text});
  return openpgp.sign({
    message,
    signingKeys: keys.map(({privateKey}) => privateKey),
    date: at,
    ...(isWeak && {config: weakHash}),
  });
}

/** The same key with a notice that it is revoked. */
export async function revoke({file, privateKey}: SigningKey): Promise<SigningKey> {
  const {privateKey: revoked} = await openpgp.revokeKey({key: privateKey, format: 'object'});
  return {file: {...file, text: revoked.toPublic().armor()}, privateKey};
}
