import type {LinkableComponent} from '../extension-entries.js';

/** The parts of the compiler's and C library's runtime that every link includes implicitly, by owner. */
const runtimeOwners: ReadonlyMap<string, string> = new Map([
  ['libgcc.a', 'gcc-runtime'],
  ['libgcc_eh.a', 'gcc-runtime'],
  ['libc_nonshared.a', 'glibc'],
  ['libpthread_nonshared.a', 'glibc'],
]);

/** Components whose start files (`crt1.o`, `crtbeginS.o`) are part of every program and library. */
const startFileOwners: readonly string[] = ['gcc-runtime', 'glibc'];

/**
 * One line for each linked archive without a component and licence text, and for each owner of start files without one.
 * `licensed`: the components that have licence texts.
 */
export function unlicensedProblems(
  archives: ReadonlySet<string>,
  components: readonly LinkableComponent[],
  licensed: ReadonlySet<string>,
): readonly string[] {
  const missing = [...archives].flatMap((archive) => {
    const owner = ownerOf(archive, components);
    if (owner !== undefined && licensed.has(owner)) return [];
    const whose = owner === undefined ? 'its component is unknown' : `${owner} has no licence text`;
    return [`${archive} is linked into the distribution, but ${whose}`];
  });
  const starts = startFileOwners
    .filter((owner) => !licensed.has(owner))
    .map((owner) => `start files of ${owner} are linked, but it has no licence text`);
  return [...missing, ...starts];
}

function ownerOf(archive: string, components: readonly LinkableComponent[]): string | undefined {
  const fileName = archive.slice(archive.lastIndexOf('/') + 1);
  if (archive.startsWith('Modules/_hacl/')) return 'hacl-star';
  // Other archives of the source tree are copies of libraries whose licences CPython collects.
  if (archive.startsWith('Modules/')) return 'cpython-incorporated';
  if (archive.startsWith('/sysroot/')) return runtimeOwners.get(fileName);
  const library = /^lib(.+)\.a$/.exec(fileName)?.[1] ?? '';
  return components.find(({staticLibraries}) => staticLibraries.includes(library))?.name;
}
