/** How much of an archive belongs to one part. */
export interface Part {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

const stdlib = String.raw`install/lib/python3\.\d+t?/`;

/** The parts of a distribution. The first pattern that matches a path decides. */
const patterns: readonly (readonly [string, RegExp])[] = [
  ['object files', /^build\/.*\.o$/],
  ['static libraries (build/lib)', /^build\/.*\.a$/],
  ['rest of build/', /^build\//],
  ['PYTHON.json and distribution.json', /^(?:PYTHON\.json|install\/share\/ampoule\/.*\.json)$/],
  ['licences', /^(?:licenses\/|install\/share\/ampoule\/)/],
  ['interpreter', /^install\/bin\/python\d\.\d+[a-z]*$/],
  ['other programs (bin)', /^install\/bin\//],
  ['libpython, shared', /^install\/lib\/libpython[^/]*\.so[^/]*$/],
  ['libpython, static', /^install\/lib\/(?:.*\/)?libpython[^/]*\.a$/],
  ['headers', /^install\/include\//],
  ['extension modules (lib-dynload)', new RegExp(`^${stdlib}lib-dynload/`)],
  ['pip (site-packages)', new RegExp(`^${stdlib}site-packages/`)],
  ['tests', new RegExp(`^${stdlib}(?:test/|(?:.*/)?(?:tests|idle_test)/)`)],
  ['standard library', new RegExp(`^${stdlib}`)],
  ['Tcl and Tk', /^install\/(?:lib|share)\/(?:lib)?(?:tcl|tk|itcl|thread|tdbc|tix)[^/]*/i],
  ['terminfo', /^install\/share\/terminfo\//],
  ['manual pages', /^install\/share\/man\//],
  ['rest', /^/],
];

/** Sorts files into parts and adds up their sizes; parts without a file are left out. */
export function sizesByPart(
  files: readonly {readonly path: string; readonly sizeBytes: number}[],
): readonly Part[] {
  const sums = new Map(patterns.map(([name]) => [name, {name, files: 0, bytes: 0}]));
  for (const {path, sizeBytes} of files) {
    const [name = ''] = patterns.find(([, pattern]) => pattern.test(path)) ?? [];
    const sum = sums.get(name);
    if (sum === undefined) continue;
    sum.files += 1;
    sum.bytes += sizeBytes;
  }
  return [...sums.values()].filter((part) => part.files > 0);
}
