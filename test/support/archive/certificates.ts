import {copyFile, mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {hasProgram, outputOf} from './run.js';

/** A certificate authority, a server that it vouches for by another one, and an authority that has no part in it. */
export interface Certificates {
  /** The authority that a client must trust, as PEM. */
  readonly trusted: string;
  /** An authority that a client may trust without any effect, as PEM. */
  readonly unrelated: string;
  /** The server's certificate and that of the authority between. */
  readonly chainPath: string;
  readonly keyPath: string;
  /** The names under which OpenSSL looks for the two authorities in a folder, `1a2b3c4d.0`. */
  readonly hashNames: {readonly trusted: string; readonly unrelated: string};
}

const authority = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
const server =
  'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n' +
  'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n';

/** Makes them with the machine's openssl, in `folder`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  if (!(await hasProgram('openssl'))) {
    throw new Error('No certificates can be made without openssl: apt-get install openssl');
  }
  const at = (file: string) => path.join(folder, file);
  const openssl = (...args: readonly string[]) => outputOf('openssl', args);
  const make = async (name: string, extensions: string, issuer?: string) => {
    await writeFile(at(`${name}.cnf`), extensions);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    const subject = ['-subj', `/O=Test/CN=${name}`];
    await openssl(
      'req',
      ...key,
      ...subject,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    const signer =
      issuer === undefined
        ? ['-signkey', at(`${name}.key`)]
        : ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`), '-CAcreateserial'];
    const validity = ['-days', '3650', '-extfile', at(`${name}.cnf`)];
    const files = ['-in', at(`${name}.csr`), '-out', at(`${name}.pem`)];
    await openssl('x509', '-req', ...signer, ...validity, ...files);
    return readFile(at(`${name}.pem`), 'utf8');
  };
  const hashName = async (name: string) =>
    `${(await openssl('x509', '-noout', '-subject_hash', '-in', at(`${name}.pem`))).trim()}.0`;
  const trusted = await make('trusted', authority);
  const unrelated = await make('unrelated', authority);
  const between = await make('between', authority, 'trusted');
  await writeFile(at('chain.pem'), (await make('server', server, 'between')) + between);
  return {
    trusted,
    unrelated,
    chainPath: at('chain.pem'),
    keyPath: at('server.key'),
    hashNames: {trusted: await hashName('trusted'), unrelated: await hashName('unrelated')},
  };
}

/** Where one system keeps what it trusts. */
export interface TrustLayout {
  readonly system: string;
  /** Files with both authorities in one. */
  readonly bundles?: readonly string[];
  /** Files of one authority each, `%` standing for its name. */
  readonly singles?: string;
  /** Folders with links by hash to the single files. */
  readonly hashFolders?: readonly string[];
  /** Links, from path to target. */
  readonly links?: Readonly<Record<string, string>>;
  /** What `ssl.get_default_verify_paths()` has to say. */
  readonly cafile: string | null;
  readonly capath: string | null;
}

/** Layouts as the ca-certificates packages of these systems make them. */
export const trustLayouts: readonly TrustLayout[] = [
  {
    system: 'Debian',
    bundles: ['/etc/ssl/certs/ca-certificates.crt'],
    singles: '/usr/share/ca-certificates/mozilla/%.crt',
    hashFolders: ['/etc/ssl/certs'],
    links: {'/usr/lib/ssl/cert.pem': '/etc/ssl/certs/ca-certificates.crt'},
    cafile: '/usr/lib/ssl/cert.pem',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'Debian without the package of the command openssl',
    bundles: ['/etc/ssl/certs/ca-certificates.crt'],
    singles: '/usr/share/ca-certificates/mozilla/%.crt',
    hashFolders: ['/etc/ssl/certs'],
    cafile: null,
    capath: '/etc/ssl/certs',
  },
  {
    system: 'RHEL 6',
    bundles: ['/etc/pki/tls/certs/ca-bundle.crt'],
    links: {'/etc/pki/tls/cert.pem': 'certs/ca-bundle.crt'},
    cafile: '/etc/pki/tls/cert.pem',
    capath: null,
  },
  {
    system: 'RHEL 7 and 8',
    bundles: ['/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    links: {
      '/etc/pki/tls/cert.pem': '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
      '/etc/pki/tls/certs/ca-bundle.crt': '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
      '/etc/ssl/certs': '../pki/tls/certs',
    },
    cafile: '/etc/pki/tls/cert.pem',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'RHEL 9',
    bundles: ['/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    links: {
      '/etc/pki/tls/cert.pem': '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
      '/etc/pki/tls/certs/ca-bundle.crt': '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
      '/etc/ssl/cert.pem': '/etc/pki/tls/cert.pem',
      '/etc/ssl/certs': '/etc/pki/tls/certs',
    },
    cafile: '/etc/ssl/cert.pem',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'RHEL 10 and Fedora, with folders by hash',
    bundles: ['/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    singles: '/etc/pki/ca-trust/extracted/pem/directory-hash/%.pem',
    hashFolders: ['/etc/pki/ca-trust/extracted/pem/directory-hash'],
    links: {
      '/etc/pki/ca-trust/extracted/pem/directory-hash/ca-bundle.crt': '../tls-ca-bundle.pem',
      '/etc/pki/tls/certs': '../ca-trust/extracted/pem/directory-hash',
      '/etc/ssl/certs': '../pki/tls/certs',
    },
    cafile: null,
    capath: '/etc/ssl/certs',
  },
  {
    system: 'RHEL 10 without links in /etc/ssl and /etc/pki/tls',
    bundles: ['/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'],
    cafile: '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    capath: null,
  },
  {
    system: 'SUSE',
    bundles: ['/var/lib/ca-certificates/ca-bundle.pem'],
    singles: '/var/lib/ca-certificates/pem/%.pem',
    hashFolders: ['/var/lib/ca-certificates/pem'],
    links: {
      '/etc/ssl/ca-bundle.pem': '../../var/lib/ca-certificates/ca-bundle.pem',
      '/etc/ssl/certs': '../../var/lib/ca-certificates/pem',
    },
    cafile: null,
    capath: '/etc/ssl/certs',
  },
  {
    system: 'SUSE with its bundle alone',
    bundles: ['/var/lib/ca-certificates/ca-bundle.pem'],
    links: {'/etc/ssl/ca-bundle.pem': '../../var/lib/ca-certificates/ca-bundle.pem'},
    cafile: '/etc/ssl/ca-bundle.pem',
    capath: null,
  },
  {
    system: 'Alpine',
    bundles: ['/etc/ssl/certs/ca-certificates.crt'],
    links: {'/etc/ssl/cert.pem': 'certs/ca-certificates.crt'},
    cafile: '/etc/ssl/cert.pem',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'Arch',
    bundles: ['/etc/ca-certificates/extracted/tls-ca-bundle.pem'],
    singles: '/etc/ca-certificates/extracted/cadir/%.pem',
    hashFolders: ['/etc/ssl/certs'],
    links: {
      '/etc/ssl/cert.pem': '../ca-certificates/extracted/tls-ca-bundle.pem',
      '/etc/ssl/certs/ca-certificates.crt': '../../ca-certificates/extracted/tls-ca-bundle.pem',
    },
    cafile: '/etc/ssl/cert.pem',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'an image with nothing but the bundle of Debian',
    bundles: ['/etc/ssl/certs/ca-certificates.crt'],
    cafile: '/etc/ssl/certs/ca-certificates.crt',
    capath: '/etc/ssl/certs',
  },
  {
    system: 'NixOS',
    bundles: ['/etc/ssl/certs/ca-bundle.crt'],
    cafile: '/etc/ssl/certs/ca-bundle.crt',
    capath: '/etc/ssl/certs',
  },
];

/** Puts the authorities into a root as a system keeps them. */
export async function placeCertificates(
  rootPath: string,
  layout: TrustLayout,
  certificates: Certificates,
): Promise<void> {
  const place = async (file: string) => {
    const target = path.join(rootPath, file);
    await mkdir(path.dirname(target), {recursive: true});
    return target;
  };
  for (const bundle of layout.bundles ?? []) {
    await writeFile(await place(bundle), certificates.unrelated + certificates.trusted);
  }
  for (const name of ['trusted', 'unrelated'] as const) {
    const single = layout.singles?.replace('%', name);
    if (single === undefined) continue;
    await writeFile(await place(single), certificates[name]);
    for (const folder of layout.hashFolders ?? []) {
      const link = await place(path.join(folder, certificates.hashNames[name]));
      await symlink(path.relative(folder, single), link);
    }
  }
  for (const [link, target] of Object.entries(layout.links ?? {})) {
    await symlink(target, await place(link));
  }
}

/** Puts the server's files into a root, at `/server`, with the authorities as files and, in `by-hash`, by hash. */
export async function placeServer(rootPath: string, certificates: Certificates): Promise<void> {
  await mkdir(path.join(rootPath, 'server/by-hash'), {recursive: true});
  await copyFile(certificates.chainPath, path.join(rootPath, 'server/chain.pem'));
  await copyFile(certificates.keyPath, path.join(rootPath, 'server/key.pem'));
  await writeFile(path.join(rootPath, 'server/trusted.pem'), certificates.trusted);
  await writeFile(path.join(rootPath, 'server/unrelated.pem'), certificates.unrelated);
  const link = path.join(rootPath, 'server/by-hash', certificates.hashNames.trusted);
  await symlink('../trusted.pem', link);
}
