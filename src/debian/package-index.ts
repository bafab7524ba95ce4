import {parseSha256} from '../core/digest.js';
import {parseControl, type ControlParagraph} from './control.js';
import {compareDebianVersions} from './debian-version.js';
import type {LockedPackage} from './image-lock.js';

/** The alternatives of one dependency; the first available one is taken. */
export type Alternatives = readonly Relation[];

/** A package by name, with an optional version constraint. */
export interface Relation {
  readonly name: string;
  readonly constraint?: {readonly operator: Operator; readonly version: string};
}

type Operator = '<<' | '<=' | '=' | '>=' | '>>';

/** One package of a suite, as its index describes it. */
export interface IndexedPackage extends LockedPackage {
  /** Lower has higher priority: required, important, standard, optional, extra. */
  readonly priority: number;
  /** Pre-Depends and Depends as text for `parseRelations`, because few are ever needed. */
  readonly depends: string;
  /** Conflicts and Breaks as text for `parseRelations`. */
  readonly conflicts: string;
  readonly provides: readonly {readonly name: string; readonly version?: string}[];
}

/** The packages of a suite: real ones by name in their newest version, and the providers of each name. */
export interface PackageIndex {
  readonly packages: ReadonlyMap<string, IndexedPackage>;
  readonly providers: ReadonlyMap<string, readonly IndexedPackage[]>;
}

const priorities = ['required', 'important', 'standard', 'optional'];

/** Reads `Packages` files of one suite, in pieces of whole paragraphs. Only the newest version of a package counts. */
export async function readPackageIndex(
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<PackageIndex> {
  const packages = new Map<string, IndexedPackage>();
  for await (const text of pieces) {
    for (const paragraph of parseControl(text)) {
      const entry = toPackage(paragraph);
      if (entry === undefined) continue;
      const known = packages.get(entry.name);
      if (known === undefined || compareDebianVersions(known.version, entry.version) < 0) {
        packages.set(entry.name, entry);
      }
    }
  }
  const providers = new Map<string, IndexedPackage[]>();
  for (const entry of packages.values()) {
    for (const {name} of entry.provides) {
      const known = providers.get(name);
      if (known === undefined) providers.set(name, [entry]);
      else known.push(entry);
    }
  }
  return {packages, providers};
}

/** Whether a version satisfies a relation's constraint. */
export function satisfies(version: string, constraint: Relation['constraint']): boolean {
  if (constraint === undefined) return true;
  const order = compareDebianVersions(version, constraint.version);
  switch (constraint.operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** Reads a Depends field. Architecture qualifiers (`perl:any`) are dropped, because an index has one architecture. */
export function parseRelations(field: string): readonly Alternatives[] {
  return splitList(field, ',').map((group) => splitList(group, '|').map(parseRelation));
}

function toPackage(paragraph: ControlParagraph): IndexedPackage | undefined {
  const field = (name: string): string => paragraph.get(name) ?? '';
  const sha256 = parseSha256(field('sha256'));
  const sizeBytes = Number(field('size'));
  if (sha256 === undefined || field('package') === '') return undefined;
  // A size that is not a number would be pinned, and no download could match it.
  if (!/^\d{1,15}$/.test(field('size'))) return undefined;
  const priority = priorities.indexOf(field('priority'));
  return {
    name: field('package'),
    version: field('version'),
    architecture: field('architecture'),
    poolPath: field('filename'),
    sha256,
    sizeBytes,
    priority: priority === -1 ? priorities.length : priority,
    depends: `${field('pre-depends')},${field('depends')}`,
    conflicts: `${field('conflicts')},${field('breaks')}`,
    provides: parseRelations(field('provides'))
      .flat()
      .map(({name, constraint}) =>
        constraint === undefined ? {name} : {name, version: constraint.version},
      ),
  };
}

function parseRelation(text: string): Relation {
  const match = /^([^\s(:]+)(?::\S+)?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\))?/.exec(text);
  const [, name = text, operator, version] = match ?? [];
  const known = operators.find((candidate) => candidate === operator);
  return known === undefined || version === undefined
    ? {name}
    : {name, constraint: {operator: known, version}};
}

const operators: readonly Operator[] = ['<<', '<=', '=', '>=', '>>'];

function splitList(field: string, separator: string): readonly string[] {
  return field
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
