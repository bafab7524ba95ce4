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

/** A full URL, a path below any Debian mirror, or a folder of this machine that is packed. */
export type SourceLocation =
  | {readonly kind: 'url'; readonly url: string}
  | {readonly kind: 'tree'; readonly folder: string}
  | {
      readonly kind: 'debian';
      /** `pool/main/o/openssl/openssl_3.5.7.orig.tar.gz` */
      readonly poolPath: string;
      /** The suite that contains it (`trixie`), used to check a mirror. */
      readonly suite: string;
    };
