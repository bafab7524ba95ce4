import type {ProfileInputs} from './profile-record.js';

/** What differs between the inputs of a profile and those of a build, one line each; none if it was made for this build. */
export function profileDifferences(
  trained: ProfileInputs,
  built: ProfileInputs,
): readonly string[] {
  const facts = [
    ['CPython', 'python'],
    ['source', 'source'],
    ['target', 'target'],
    ['options', 'options'],
    ['glibc', 'glibc'],
    ['toolchain', 'toolchain'],
    ['clang', 'llvm'],
    ['instrumentation', 'instrumentation'],
  ] as const;
  return [
    ...facts.flatMap(([title, key]) =>
      trained[key] === built[key]
        ? []
        : [`${title} ${short(trained[key])}, here ${short(built[key])}`],
    ),
    ...listed('patch', patchesOf(trained), patchesOf(built)),
    ...listed('configure', trained.configure, built.configure),
  ];
}

function patchesOf({patches}: ProfileInputs): readonly string[] {
  return Object.entries(patches).map(([file, digest]) => `${file} (${short(digest)})`);
}

function listed(title: string, trained: readonly string[], built: readonly string[]): string[] {
  return [
    ...trained.filter((one) => !built.includes(one)).map((one) => `${title} ${one}, not here`),
    ...built.filter((one) => !trained.includes(one)).map((one) => `${title} ${one}, only here`),
  ];
}

function short(value: string): string {
  return value.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}
