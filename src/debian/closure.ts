import {compareCodeUnits} from '../core/digest.js';
import {
  parseRelations,
  satisfies,
  type Alternatives,
  type IndexedPackage,
  type PackageIndex,
  type Relation,
} from './package-index.js';

/** A wish that no package of the suite satisfies. */
export interface Unsatisfied {
  /** The package that has the wish; `undefined` when it was asked for by name. */
  readonly by?: string;
  readonly wanted: Alternatives;
}

/** Two packages of which one refuses the other: Conflicts or Breaks. */
export interface Conflict {
  readonly by: string;
  readonly with: string;
}

/** The packages that are needed, in code-unit order of their names, and what stands against them. */
export interface Closure {
  readonly packages: readonly IndexedPackage[];
  readonly unsatisfied: readonly Unsatisfied[];
  readonly conflicts: readonly Conflict[];
}

/**
 * The named packages with all they depend on (Pre-Depends, Depends), and nothing else: no Recommends, no Essential packages
 * that nobody names. Of alternatives one that is chosen already is taken, else the first that the suite has; a virtual
 * package is served by the most important of its providers, then by the first by name.
 */
export function resolveClosure(index: PackageIndex, names: readonly string[]): Closure {
  const chosen = new Map<string, IndexedPackage>();
  const unsatisfied: Unsatisfied[] = [];
  // Named packages first, so that they decide the alternatives of all others.
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

/** The chosen packages that one of them refuses. A package never refuses itself by what it provides. */
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

/** A relation as control files write it: `libc6 (>= 2.38)`. */
export function formatRelation({name, constraint}: Relation): string {
  return constraint === undefined ? name : `${name} (${constraint.operator} ${constraint.version})`;
}

/** The real package first, then those that provide its name; a constraint is met by a versioned Provides only. */
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
