import type {Flavour} from '../distribution/archive-name.js';

/** What the name of a release asset says. */
export interface ArchiveIdentity {
  /** `3.14.7` */
  readonly python: string;
  /** `YYYYMMDD` */
  readonly dateTag: string;
  readonly targetTriple: string;
  /** The build option, `noopt`; of install-only archives only whether it is `freethreaded`, else empty. */
  readonly options: string;
  readonly flavour: Flavour;
}

const assetName = new RegExp(
  String.raw`^cpython-(?<python>3\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+(?<dateTag>\d{8})-(?<targetTriple>[a-z0-9_]+-unknown-linux-[a-z0-9]+)-` +
    String.raw`(?:(?<options>[a-z+]+)-full\.tar\.zst|(?<threads>freethreaded-)?(?<installOnly>install_only(?:_stripped)?)\.tar\.gz)$`,
);

/** Reads the name of a release asset; `undefined` for any other name. */
export function parseAssetName(fileName: string): ArchiveIdentity | undefined {
  const parts = assetName.exec(fileName)?.groups;
  if (parts === undefined) return undefined;
  const {python = '', dateTag = '', targetTriple = '', options, threads, installOnly} = parts;
  return {
    python,
    dateTag,
    targetTriple,
    options: options ?? (threads === undefined ? '' : 'freethreaded'),
    flavour:
      installOnly === undefined
        ? 'full'
        : installOnly === 'install_only'
          ? 'install_only'
          : 'install_only_stripped',
  };
}

/** `3.14` of `3.14.7`. */
export function majorMinorOf(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}

/** `sys.abiflags` of a build option: `t`, `d`, `td` or nothing. */
export function abiFlagsOf(options: string): string {
  const words = options.split('+');
  return `${words.includes('freethreaded') ? 't' : ''}${words.includes('debug') ? 'd' : ''}`;
}
