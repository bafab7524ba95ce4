import type {ArchiveContents} from '../archive-contents.js';
import type {PythonJson, PythonJsonExtension, PythonJsonLink} from '../python-json.js';
import {type Offence, rule, type Rule, treeFlavours, expectedFound} from '../rule.js';

/** Where PYTHON.json is. */
export const pythonJsonPath = 'python/PYTHON.json';

/** Each variant of each module. */
export function extensionsOf(
  json: PythonJson,
): readonly (readonly [string, PythonJsonExtension])[] {
  return Object.entries(json.build_info.extensions).flatMap(([name, variants]) =>
    variants.map((variant) => [name, variant] as const),
  );
}

/** Every link entry with the name of its owner. */
export function linksOf(json: PythonJson): readonly (readonly [string, PythonJsonLink])[] {
  return [
    ...json.build_info.core.links.map((link) => ['core', link] as const),
    ...extensionsOf(json).flatMap(([name, {links}]) =>
      links.map((link) => [`extension ${name}`, link] as const),
    ),
  ];
}

/** A rule over a PYTHON.json that fits the schema. */
export function jsonRule(
  id: string,
  demand: string,
  check: (json: PythonJson, archive: ArchiveContents) => Iterable<Offence>,
): Rule {
  return rule(
    id,
    demand,
    (archive) =>
      archive.pythonJson?.kind === 'valid' ? check(archive.pythonJson.value, archive) : [],
    treeFlavours,
  );
}

/** `install/lib/python3.14/config-3.14-x86_64-linux-gnu` */
export function configFolder(json: PythonJson, archive: ArchiveContents): string {
  const multiarch = archive.targets.get(json.target_triple)?.multiarch;
  // A separate rule reports an unknown target.
  if (multiarch === undefined) return json.python_stdlib_platform_config;
  const folder = `config-${archive.majorMinor}${archive.abiFlags}-${multiarch}`;
  return `${archive.standardLibrary.replace(/^python\//, '')}/${folder}`;
}

/** A finding if a value of PYTHON.json is not the expected one. */
export function differs(key: string, wanted: string, got: string): readonly Offence[] {
  return wanted === got
    ? []
    : [{path: pythonJsonPath, message: `${key}: ${expectedFound(`"${wanted}"`, `"${got}"`)}`}];
}

/** A finding for each named file that is not in the archive. */
export function missing(
  {byPath}: ArchiveContents,
  named: readonly (string | undefined)[],
  owner?: string,
): readonly Offence[] {
  return named
    .filter((name) => name !== undefined)
    .filter((name) => !byPath.has(`python/${name}`))
    .map((name) => ({
      path: pythonJsonPath,
      message: `${owner === undefined ? '' : `${owner}: `}names ${name}, which is not in the archive`,
    }));
}
