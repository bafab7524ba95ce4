import parseSpdx from 'spdx-expression-parse';
import {
  readRecord,
  recordPath,
  shareFolder,
  type DistributionRecord,
} from '../distribution-record.js';
import {printBuildOptions} from '../../core/build-options.js';
import {seriesOf} from '../../core/variant.js';
import {messageOf} from '../../core/errors.js';
import {compareDottedVersions} from '../../elf/glibc-floor.js';
import type {ArchiveContents} from '../archive-contents.js';
import {type Offence, rule, type Rule, treeFlavours, expectedFound} from '../rule.js';
import {extensionsOf, jsonRule} from './json-rule.js';

const pythonJson = 'python/PYTHON.json';

/** Rules about licences and `distribution.json`. */
export const licenceRules: readonly Rule[] = [
  jsonRule(
    'licence-paths',
    'Every licence text that PYTHON.json names is in the archive.',
    (json, {byPath}) => {
      const named = [
        json.license_path,
        ...extensionsOf(json).flatMap(([, {license_paths}]) => license_paths ?? []),
      ];
      return [...new Set(named)]
        .filter((name) => !byPath.has(`python/${name}`))
        .map((name) => ({path: pythonJson, message: `names ${name}, which is not in the archive`}));
    },
  ),
  jsonRule('licence-ids', 'Licences in PYTHON.json are SPDX expressions.', (json) => {
    const named = [
      ...json.licenses,
      ...extensionsOf(json).flatMap(([, {licenses}]) => licenses ?? []),
    ];
    return invalidExpressions(named).map((message) => ({path: pythonJson, message}));
  }),
  rule('licence-texts', 'Licence texts are UTF-8 and not empty.', ({contents}) =>
    [...contents]
      .filter(([path]) => /(?:^python|\/share\/ampoule)\/licenses\//.test(path))
      .flatMap(([path, content]): readonly Offence[] => {
        if (content.length < 20)
          return [{path, message: expectedFound('a text', `${content.length} bytes`)}];
        return isUtf8(content) ? [] : [{path, message: 'expected a text in UTF-8'}];
      }),
  ),
  rule(
    'licence-copies',
    'share/ampoule/licenses/ holds the same texts as licenses/.',
    ({contents, prefix}) => {
      const copies = `${prefix}/share/ampoule/licenses/`;
      return [...contents].flatMap(([path, content]): readonly Offence[] => {
        const name = /^python\/licenses\/(.+)$/.exec(path)?.[1];
        if (name === undefined || contents.get(copies + name)?.equals(content) === true) return [];
        return [{path: copies + name, message: `expected the same text as ${path}`}];
      });
    },
    treeFlavours,
  ),
  rule(
    'record-present',
    'share/ampoule/distribution.json is a record of the distribution.',
    (archive) => {
      const record = readRecord(archive);
      return record === undefined
        ? [{path: recordPath(archive), message: 'expected a record of format 1'}]
        : [];
    },
  ),
  recordRule(
    'record-identity',
    "The record says what the archive's name says.",
    (record, {identity}) => {
      if (identity === undefined) return [];
      const {python, targetTriple, options, overlays} = identity;
      return [
        [python, record.python],
        [targetTriple, record.target_triple],
        [overlays.join('.'), (record.overlays ?? []).map(({name}) => name).join('.')],
        // Other names do not contain the build options.
        ...(options === undefined ? [] : [[printBuildOptions(options), record.build_options]]),
      ]
        .filter(([wanted, got]) => wanted !== got)
        .map(([wanted = '', got]) => expectedFound(wanted, got));
    },
  ),
  recordRule(
    'record-licences',
    'The record names the licence text of each component, and it is there.',
    (record, archive) =>
      record.components
        .filter(
          ({license_path}) => !archive.contents.has(`${shareFolder(archive)}/${license_path}`),
        )
        .map(({name, license_path}) => `${name}: ${license_path} is not in the archive`),
  ),
  recordRule('record-licence-ids', 'Licences in the record are SPDX expressions.', (record) =>
    invalidExpressions(record.components.flatMap(({spdx}) => spdx ?? [])),
  ),
  recordRule(
    'record-complete',
    'Every licence text belongs to a component of the record.',
    (record, archive) => {
      const named = new Set(record.components.map(({license_path}) => license_path));
      const start = `${shareFolder(archive)}/`;
      return [...archive.contents.keys()]
        .filter(
          (path) => path.startsWith(`${start}licenses/`) && !named.has(path.slice(start.length)),
        )
        .map((path) => `has no component with ${path.slice(start.length)}`);
    },
  ),
  recordRule(
    'record-python',
    'The record has a component cpython of the version in it.',
    (record) => {
      const python = record.components.find(({name}) => name === 'cpython');
      return python?.version === record.python
        ? []
        : [`component cpython: ${expectedFound(seriesOf(record.python), python?.version)}`];
    },
  ),
  recordRule(
    'record-glibc',
    'No file needs a newer glibc than the record says.',
    ({glibc_max_symbol_version: recorded = '0', build}, {elfFiles}) => {
      const floor = build?.glibcFloor ?? recorded;
      const promised = compareDottedVersions(floor, recorded) < 0 ? floor : recorded;
      return elfFiles.flatMap(({path, glibcVersions}) => {
        const highest = glibcVersions.at(-1);
        if (highest === undefined || compareDottedVersions(highest, promised) <= 0) return [];
        return [`${path}: ${expectedFound(`at most GLIBC_${promised}`, `GLIBC_${highest}`)}`];
      });
    },
  ),
  rule('record-notice', 'NOTICE names every licence text.', (archive) => {
    const path = `${shareFolder(archive)}/NOTICE`;
    const notice = archive.contents.get(path)?.toString('utf8') ?? '';
    const start = `${shareFolder(archive)}/`;
    return [...archive.contents.keys()]
      .filter((text) => text.startsWith(`${start}licenses/`))
      .map((text) => text.slice(start.length))
      .filter((name) => !notice.includes(name))
      .map((name) => ({path, message: `expected a mention of ${name}`}));
  }),
];

function recordRule(
  id: string,
  demand: string,
  problems: (record: DistributionRecord, archive: ArchiveContents) => readonly string[],
): Rule {
  return rule(id, demand, (archive) => {
    const record = readRecord(archive);
    if (record === undefined) return [];
    return problems(record, archive).map((message) => ({path: recordPath(archive), message}));
  });
}

/** One line for each text that is not an SPDX expression of known licences. */
function invalidExpressions(expressions: readonly string[]): readonly string[] {
  return [...new Set(expressions)].flatMap((expression) => {
    try {
      parseSpdx(expression);
      return [];
    } catch (error) {
      const reason = messageOf(error);
      return [`expected an SPDX expression, found "${expression}" (${reason})`];
    }
  });
}

function isUtf8(content: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', {fatal: true}).decode(content);
    return true;
  } catch {
    return false;
  }
}
