/** The archives of one build, and what the full one says about itself. */
export interface ArchiveSet {
  readonly full: string;
  /** The archives of flavours `install_only` and `install_only_stripped`, where builds of these options have them. */
  readonly installOnly?: string;
  readonly stripped?: string;
  /** The archive that is installed from: `installOnly`, or else `full`, unless a case says otherwise. */
  readonly installed: string;
  /** `3.14.7` */
  readonly python: string;
  /** `3.14` */
  readonly majorMinor: string;
  readonly dateTag: string;
  readonly targetTriple: string;
  /** `freethreaded+debug` */
  readonly options: string;
  /** The name of the interpreter in `bin/`: `python3.14td`. */
  readonly program: string;
  /** The folder of the standard library in `lib/`: `python3.14t`. */
  readonly standardLibrary: string;
  /** The folder of the headers in `include/`, and what the library is linked as: `python3.14td`. */
  readonly linkName: string;
}

/** The build options of a set, one by one. */
export function hasOption({options}: ArchiveSet, option: string): boolean {
  return options.split('+').includes(option);
}

/** The files of a set, by the names of their flavours. */
export function flavoursOf({full, installOnly, stripped}: ArchiveSet): readonly FlavourFile[] {
  return [
    {flavour: 'full', file: full},
    ...(installOnly === undefined ? [] : [{flavour: 'install_only', file: installOnly} as const]),
    ...(stripped === undefined
      ? []
      : [{flavour: 'install_only_stripped', file: stripped} as const]),
  ];
}

/** One archive of a set. */
export interface FlavourFile {
  readonly flavour: 'full' | 'install_only' | 'install_only_stripped';
  readonly file: string;
}

/** The environment variable by which the set-up of a run gives its archives to the tests, as JSON. */
export const archivesVariable = 'AMPOULE_E2E_ARCHIVES';

/** The builds to test, with titles. */
export function archiveCases(): readonly (readonly [string, ArchiveSet])[] {
  const sets = JSON.parse(process.env[archivesVariable] ?? '[]') as readonly ArchiveSet[];
  return sets.map((set) => [`${set.python} ${set.options}`, set] as const);
}

/** The builds to test that have archives of every flavour. */
export function completeCases(): readonly (readonly [string, ArchiveSet & CompleteSet])[] {
  return archiveCases().flatMap(([title, set]) => {
    const {installOnly, stripped} = set;
    if (installOnly === undefined || stripped === undefined) return [];
    return [[title, {...set, installOnly, stripped}] as const];
  });
}

/** What a build with archives of every flavour has. */
export type CompleteSet = Required<Pick<ArchiveSet, 'installOnly' | 'stripped'>>;

/** The builds to test, each once for every flavour that users install, with titles. */
export function installCases(): readonly (readonly [string, ArchiveSet])[] {
  return archiveCases().flatMap(([title, set]) => [
    [title, set] as const,
    ...(set.stripped === undefined
      ? []
      : [[`${title} stripped`, {...set, installed: set.stripped}] as const]),
  ]);
}
