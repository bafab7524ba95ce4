import {InternalError} from '../core/errors.js';
import {hasSanitizer, printBuildOptions} from '../core/variant.js';
import {select, type Conditional} from '../data/condition.js';
import type {SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import {quoteAll} from '../recipe/shell.js';
import {rootfsFor} from './cpython-stage.js';
import {compileMounts} from './names.js';
import type {InterpreterInputs} from './project.js';

/** The image with debuggers and other aids for people, besides all that the image `build` has. */
export const developImage = 'rootfs/develop';

/** Why a tree cannot be developed with its build options as it is; `undefined` if it can. */
export function whyNotDeveloped({folder, context}: InterpreterInputs): string | undefined {
  const needed = folder.recipe.patches.filter(({when}) => when.options !== undefined);
  const [patch] = select(needed, context);
  if (patch === undefined) return undefined;
  return (
    `${printBuildOptions(context.options)}: this version of CPython needs ${patch} for it, and a developer's tree is not patched.\n` +
    'Name other options; or ampoule build --python-source DIR, which applies patches.'
  );
}

/** Variables that make outputs reproducible. They change how CPython's own tests behave. */
const ofReleases = ['HOME', 'PYTHONHASHSEED', 'SOURCE_DATE_EPOCH', 'ZERO_AR_DATE'];

/**
 * What configures and makes a developer's tree in a folder of the developer. It never runs as a stage of a graph: its
 * output is not an artifact. Without `PYTHON_TREE`, `PYTHON_STATE` and `PYTHON_DUE`, which depend on the folders.
 */
export function developStage(inputs: InterpreterInputs): SandboxStage {
  const {folder, names, context, dependencies} = inputs;
  const {build} = folder.recipe;
  if (build?.system !== 'hooks') throw new InternalError('an interpreter is built by hooks');
  // What belongs to a build option is for every tree; everything else is for distributions.
  const ofOptions = <T>(entries: readonly Conditional<T>[]): readonly T[] =>
    select(
      entries.filter(({when}) => when.options !== undefined),
      context,
    );
  const textsOf = (names: readonly string[]): readonly string[] =>
    names.map((name) => folder.files[name] ?? '');
  // What LTO and PGO add to make belongs to how distributions are linked.
  const ofSanitizers = select(
    build.make.filter(({when}) => hasSanitizer(when.options ?? [])),
    context,
  );
  const environment = Object.entries(
    compileEnvironment(context, {part: 'cpython', sourceDateEpoch: 0}),
  ).filter(([name]) => !ofReleases.includes(name));
  return {
    kind: 'sandbox',
    id: `develop/${names.cpython.replace(/^[^/]*\//, '')}`,
    rootfs: rootfsFor(inputs, {needsRuntime: hasSanitizer(context.options)}),
    mounts: compileMounts(names, dependencies),
    sources: [],
    files: {},
    environment: {
      ...Object.fromEntries(environment),
      CFLAGS: withoutPrefixMaps(Object.fromEntries(environment)['CFLAGS'] ?? ''),
    },
    script: [
      'set -eu',
      ...textsOf([...ofOptions(build.prepare), 'develop.sh']),
      `configure_tree ${quoteAll(ofOptions(build.configure))}`,
      ...textsOf(ofSanitizers),
      'exec make "$@"',
      '',
    ].join('\n'),
  };
}

/** Debuggers find sources by the paths that they have on this machine. */
function withoutPrefixMaps(flags: string): string {
  return flags
    .split(' ')
    .filter((flag) => !flag.startsWith('-ffile-prefix-map='))
    .join(' ');
}
