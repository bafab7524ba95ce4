import type {Sha256} from './digest.js';

/** A pinned download. Bytes that do not match `sha256` and `sizeBytes` are never used. */
export interface Source {
  /** The file's name in the store's messages and below `/src`: the last part of its URL. */
  readonly fileName: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Locations of the bytes, tried in order. */
  readonly locations: readonly SourceLocation[];
}

/** A full URL, a path below any Debian mirror, or what this machine has: a folder that is packed, a file of the project. */
export type SourceLocation =
  | {readonly kind: 'url'; readonly url: string}
  | LocalLocation
  | {
      readonly kind: 'debian';
      /** `pool/main/o/openssl/openssl_3.5.7.orig.tar.gz` */
      readonly poolPath: string;
      /** The suite that contains it (`trixie`), used to check a mirror. */
      readonly suite: string;
    };

/** A place on this machine, absolute. */
export type LocalLocation =
  {readonly kind: 'tree'; readonly folder: string} | {readonly kind: 'file'; readonly path: string};

/** Where on this machine a source comes from; `undefined` for a download. */
export function localLocationOf({locations: [first]}: Source): LocalLocation | undefined {
  return first?.kind === 'tree' || first?.kind === 'file' ? first : undefined;
}
