import type {LinkedPart} from './module-parts.js';

/** A library in PYTHON.json: bundled, or required from the system. */
export type LinkEntry =
  | {readonly name: string; readonly path_static: string}
  | {readonly name: string; readonly system: true};

/** The link entries of a part: bundled libraries in link order, then system libraries. */
export function linkEntries(
  part: LinkedPart | undefined,
  order: readonly {readonly name: string}[],
): readonly LinkEntry[] {
  const ordered = order.map(({name}) => name).filter((name) => part?.libraries.includes(name));
  const ours = [...new Set([...ordered, ...(part?.libraries ?? [])])];
  return [
    ...ours.map((name) => ({name, path_static: `build/lib/lib${name}.a`})),
    ...(part?.systemLibraries ?? []).map((name) => ({name, system: true as const})),
  ];
}

/** The libraries of the C library that an archive may need; every other library must be bundled. */
const systemLibraries: readonly string[] = ['crypt', 'dl', 'm', 'pthread', 'resolv', 'rt', 'util'];

/** One line for each link entry that is neither in the tree nor part of the C library. */
export function linkProblems(
  owner: string,
  links: readonly LinkEntry[],
  hasPath: (path: string) => boolean,
): readonly string[] {
  return links.flatMap((link) => {
    const isKnown =
      'system' in link ? systemLibraries.includes(link.name) : hasPath(link.path_static);
    return isKnown
      ? []
      : [
          `${owner}: it is linked with -l${link.name}, which is neither in build/lib nor part of the C library`,
        ];
  });
}
