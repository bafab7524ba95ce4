/** What a client makes of an archive's name, in the client's own way of reading it. */
export interface ClientRule {
  readonly client: string;
  /** The flavours that the client takes. */
  readonly flavours: readonly string[];
  /** Whether the client reads the names of alphas, betas and release candidates; others pass over them. */
  readonly takesPreReleases: boolean;
  /** The version of Python that the client reads out of the name; `undefined` where it refuses the name. */
  readonly versionOf: (fileName: string) => string | undefined;
}

const installOnly = ['install_only', 'install_only_stripped'];
const target = 'x86_64-unknown-linux-gnu';

/** The names of the archives are their only index: each client parses them with expressions of its own. */
export const clientRules: readonly ClientRule[] = [
  {
    // Its own file name is the URL's with `%2B` made a hyphen; only these characters may be left.
    client: 'uv',
    flavours: ['full', ...installOnly],
    takesPreReleases: true,
    versionOf: (name) => {
      const stored = name.replaceAll('%2B', '-');
      if (!/^[A-Za-z0-9._-]+\.tar\.(?:gz|zst)$/.test(stored)) return undefined;
      return /^cpython-([^-]+)-\d{8}-x86_64-unknown-linux-gnu-/.exec(stored)?.[1];
    },
  },
  {
    client: 'mise',
    flavours: installOnly,
    takesPreReleases: true,
    versionOf: (name) => {
      const match = /^cpython-(\d+\.\d+\.[\da-z]+)\+(\d+).*/.exec(decodeURIComponent(name));
      return match?.[2]?.length === 8 && name.includes(target) ? match[1] : undefined;
    },
  },
  {
    client: 'pipx',
    flavours: ['install_only'],
    takesPreReleases: false,
    versionOf: (name) =>
      name.endsWith(`${target}-install_only.tar.gz`)
        ? /cpython-(\d+\.\d+\.\d+)/.exec(name)?.[1]
        : undefined,
  },
  {
    client: 'hatch',
    flavours: installOnly,
    takesPreReleases: true,
    versionOf: (name) =>
      /\/cpython-(.+?)%2B/.exec(`https://example.org/download/20260909/${name}`)?.[1],
  },
  {
    client: 'pbs-installer',
    flavours: installOnly,
    takesPreReleases: false,
    versionOf: (name) => {
      const shape =
        /^cpython-(?<version>\d+\.\d+\.\d+?)(?:\+\d+)?-(?<triple>.*?)(?:-[\dT]+)?\.tar\.(?:gz|zst)$/;
      const groups = shape.exec(decodeURIComponent(name))?.groups;
      const triple = groups?.['triple']?.replace(/-install_only(?:_stripped)?$/, '');
      return triple === target ? groups?.['version'] : undefined;
    },
  },
  {
    client: 'rules_python',
    flavours: ['full', ...installOnly],
    takesPreReleases: false,
    versionOf: (name) => {
      const [, version, rest] = /^cpython-([\d.]+)%2B\d+-(.+)\.tar\.(?:gz|zst)$/.exec(name) ?? [];
      return rest?.startsWith(`${target}-`) === true && !rest.includes('freethreaded')
        ? version
        : undefined;
    },
  },
];
