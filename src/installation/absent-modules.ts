import {compareCodeUnits} from '../core/digest.js';
import {matches, type ConditionContext} from '../data/condition.js';
import {testExtensions} from '../distribution/describe-distribution.js';
import type {ModuleDefinition, ModuleVariant} from '../setup-local/module-definition.js';
import type {Installation} from './installation.js';

/** Why an extension module is not in a tree. */
export type AbsenceKind =
  /** Its build did not find what it needs. */
  | 'not built'
  /** It was built, but could not be imported then. */
  | 'failed'
  /** Whoever built the tree did not want it. */
  | 'disabled'
  /** The platform does not have it. */
  | 'not available'
  /** It was built, and its file is gone. */
  | 'removed'
  /** Nothing in the tree tells. */
  | 'unknown';

/** An extension module that the standard library of this version knows and the tree lacks. */
export interface AbsentModule {
  readonly name: string;
  readonly kind: AbsenceKind;
  /** A sentence without a full stop. */
  readonly cause: string;
}

/** What is compared. */
export interface AbsenceInputs {
  readonly tree: Installation;
  readonly present: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, string>;
  /** The modules of `static-modules/`; none for a Python that Ampoule does not know. */
  readonly definitions: readonly ModuleDefinition[];
  readonly context: ConditionContext;
  /** Whether Ampoule built the tree, so that the reasons in `static-modules/` are its reasons. */
  readonly isOwn: boolean;
  /** Whether the tree has the package `test`. */
  readonly hasTests: boolean;
}

/** Every module that should be there and is not, with the cause, sorted by name. */
export function findAbsentModules(inputs: AbsenceInputs): readonly AbsentModule[] {
  const variants = new Map<string, ModuleVariant>();
  for (const {name, variants: all} of inputs.definitions) {
    const variant = all.find(({when}) => matches(when, inputs.context));
    if (variant !== undefined) variants.set(name, variant);
  }
  const record = readRecord(inputs.tree);
  const names = new Set([...variants.keys(), ...record.states.keys(), ...record.disabled]);
  return [...names]
    .filter((name) => !inputs.present.has(name))
    .toSorted(compareCodeUnits)
    .flatMap((name) => {
      const found = explain(name, variants.get(name), record, inputs);
      return found === undefined ? [] : [{name, ...found}];
    });
}

/** What CPython's configure and makesetup wrote down. */
interface BuildRecord {
  /** `yes`, `missing`, `disabled`, `n/a`, by module. */
  readonly states: ReadonlyMap<string, string>;
  /** Modules below `*disabled*` of a Setup file. */
  readonly disabled: ReadonlySet<string>;
}

function readRecord({sysconfig}: Installation): BuildRecord {
  const wordsOf = (key: string) =>
    String(sysconfig.get(key) ?? '')
      .split(/\s+/)
      .filter((word) => word !== '');
  // Up to 3.11 configure knows no state of some modules that the makefile builds.
  const states = new Map(wordsOf('MODSHARED_NAMES').map((name) => [name, 'yes']));
  for (const [key, value] of sysconfig) {
    const name = /^MODULE_(\w+)_STATE$/.exec(key)?.[1];
    if (name !== undefined) states.set(name.toLowerCase(), String(value));
  }
  return {states, disabled: new Set(wordsOf('MODDISABLED_NAMES'))};
}

function explain(
  name: string,
  variant: ModuleVariant | undefined,
  {states, disabled}: BuildRecord,
  {failed, isOwn, hasTests}: AbsenceInputs,
): Omit<AbsentModule, 'name'> | undefined {
  if (isOwn && variant?.linkage === 'disabled') {
    return {kind: 'disabled', cause: variant.reason ?? 'disabled in static-modules/'};
  }
  const file = failed.get(name);
  if (file !== undefined) {
    return {kind: 'failed', cause: `built as ${file}, but it could not be imported then`};
  }
  if (!hasTests && (testExtensions.includes(name) || /^_?xx|^_test/.test(name))) {
    return {
      kind: 'removed',
      cause: "only CPython's own tests use it, and they are not here either",
    };
  }
  switch (states.get(name)) {
    case 'missing':
      return {kind: 'not built', cause: `${librariesOf(name, variant)} not found by configure`};
    case 'disabled':
      return {kind: 'disabled', cause: 'by the options of configure'};
    case 'n/a':
      return {kind: 'not available', cause: 'this platform does not have it, says configure'};
    case 'yes':
      if (disabled.has(name)) break;
      return {
        kind: 'removed',
        cause: 'configure was to build it, but its file is not here: removed, or packaged apart',
      };
    default:
  }
  if (disabled.has(name)) return {kind: 'disabled', cause: 'below *disabled* in a Setup file'};
  if (variant === undefined || variant.linkage === 'disabled') return undefined;
  return {kind: 'unknown', cause: 'the tree does not tell why'};
}

/** What modules need that no recipe provides. */
const foreignLibraries: Readonly<Record<string, string>> = {
  _gdbm: 'GDBM was',
  _tkinter: 'Tcl and Tk were',
  nis: 'libnsl and libtirpc were',
  ossaudiodev: 'a header of OSS was',
};

/** `openssl (-lssl -lcrypto) was`, as far as `static-modules/` knows what the module needs. */
function librariesOf(name: string, variant: ModuleVariant | undefined): string {
  const names = (variant?.libraries ?? []).flatMap(({dependency, links}) =>
    dependency === undefined
      ? []
      : [`${dependency} (${links.map((link) => `-l${link}`).join(' ')})`],
  );
  if (names.length === 0) return foreignLibraries[name] ?? 'what it needs was';
  return `${names.join(' and ')} ${names.length === 1 ? 'was' : 'were'}`;
}
