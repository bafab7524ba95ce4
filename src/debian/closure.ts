import {compareCodeUnits} from '../core/digest.js';
import {
  parseRelations,
  satisfies,
  type Alternatives,
  type IndexedPackage,
  type PackageIndex,
  type Relation,
} from './package-index.js';

/** A dependency that no package of the suite satisfies. */
export interface Unsatisfied {
  /** The package with the dependency; `undefined` if it was requested by name. */
  readonly by?: string;
  readonly wanted: Alternatives;
}

/** Two conflicting packages: Conflicts or Breaks. */
export interface Conflict {
  readonly by: string;
  readonly with: string;
}

/** The required packages, in code-unit order of their names, and the problems. */
export interface Closure {
  readonly packages: readonly IndexedPackage[];
  readonly unsatisfied: readonly Unsatisfied[];
  readonly conflicts: readonly Conflict[];
}

/**
 * The named packages and all that they depend on (Pre-Depends, Depends), and nothing else: no Recommends, and no
 * Essential packages that nothing depends on. Of several alternatives, one that is already chosen is taken, else the
 * first that the suite has. A virtual package resolves to the provider with the highest priority, then to the first by
 * name.
 */
export function resolveClosure(index: PackageIndex, names: readonly string[]): Closure {
  const chosen = new Map<string, IndexedPackage>();
  const unsatisfied: Unsatisfied[] = [];
  // Named packages first, because they decide the alternatives of all others.
  const wishes: Unsatisfied[] = names.map((name) => ({wanted: [{name}]}));
  for (let wish = wishes.shift(); wish !== undefined; wish = wishes.shift()) {
    const candidates = wish.wanted.map((relation) => candidatesOf(index, relation));
    if (candidates.flat().some(({name}) => chosen.has(name))) continue;
    const entry = candidates.find((list) => list.length > 0)?.[0];
    if (entry === undefined) {
      unsatisfied.push(wish);
      continue;
    }
    chosen.set(entry.name, entry);
    for (const wanted of parseRelations(entry.depends)) wishes.push({by: entry.name, wanted});
  }
  const packages = [...chosen.values()].sort((a, b) => compareCodeUnits(a.name, b.name));
  const conflicts = packages.flatMap((entry) => conflictsOf(entry, index, chosen));
  return {packages, unsatisfied, conflicts};
}

/** The conflicts among the chosen packages. A package does not conflict with what it provides itself. */
function conflictsOf(
  entry: IndexedPackage,
  index: PackageIndex,
  chosen: ReadonlyMap<string, IndexedPackage>,
): readonly Conflict[] {
  return parseRelations(entry.conflicts)
    .flat()
    .flatMap((relation) => candidatesOf(index, relation))
    .filter(({name}) => name !== entry.name && chosen.has(name))
    .map(({name}) => ({by: entry.name, with: name}));
}

/** A relation in the syntax of control files: `libc6 (>= 2.38)`. */
export function formatRelation({name, constraint}: Relation): string {
  return constraint === undefined ? name : `${name} (${constraint.operator} ${constraint.version})`;
}

/** The real package first, then its providers; only a versioned Provides satisfies a constraint. */
function candidatesOf(index: PackageIndex, {name, constraint}: Relation): IndexedPackage[] {
  const real = index.packages.get(name);
  const providers = (index.providers.get(name) ?? [])
    .filter(({provides}) =>
      provides.some(
        (provided) =>
          provided.name === name &&
          (constraint === undefined ||
            (provided.version !== undefined && satisfies(provided.version, constraint))),
      ),
    )
    .sort((a, b) => a.priority - b.priority || compareCodeUnits(a.name, b.name));
  const isRealGood = real !== undefined && satisfies(real.version, constraint);
  return isRealGood ? [real, ...providers] : providers;
}
