import {countOf} from '../../report/lines.js';
import path from 'node:path';
import type {TreeInspection} from '../../installation/inspect-tree.js';
import type {MissingLibrary} from '../../installation/needed-libraries.js';
import type {InterpreterReport} from '../../installation/run-interpreter.js';
import {formatBytes, formatTable} from '../table.js';
import {elfText, partsText} from './text.js';

/** The report on a tree. */
export function treeText(
  given: string,
  inspection: TreeInspection,
  report: InterpreterReport | undefined,
  {elf}: {readonly elf?: true},
): string {
  return [
    headText(given, inspection),
    inspection.parts.length > 0 ? partsText(inspection.parts, inspection.bytes) : '',
    missingText(inspection),
    librariesText(inspection),
    extensionsText(inspection),
    elf ? elfText(inspection.elfs) : '',
    report === undefined ? '' : interpreterText(report),
    ...inspection.notKnown.map((sentence) => `\nNot known: ${sentence}\n`),
  ].join('');
}

function headText(given: string, inspection: TreeInspection): string {
  const {facts, glibc, elfs, layout, paths, bytes, files} = inspection;
  const labels = {
    python: 'python',
    target: 'target',
    options: 'options',
    abiFlags: 'ABI flags',
    optimization: 'optimization',
    assertions: 'assertions',
    compiler: 'compiler',
    date: 'date',
    configuredPrefix: 'configured for',
  } as const;
  const keys = Object.keys(labels) as (keyof typeof labels)[];
  const rows = [
    ['layout', layout],
    ...keys.map((key) => {
      const fact = facts[key];
      if (fact === undefined) return [labels[key], 'not known'];
      return [labels[key], `${fact.value === '' ? 'none' : fact.value} (${fact.from})`];
    }),
    [
      'glibc',
      glibc === undefined
        ? 'none of its files needs one'
        : `${glibc} or newer (highest symbol version of ${countOf(elfs.length, 'program or library', 'programs and libraries')})`,
    ],
    ['size', `${formatBytes(bytes)} in ${countOf(files, 'file')}`],
    ['interpreter', paths.interpreter],
    ['library', paths.standardLibrary],
    ['extensions', paths.extensionModules],
  ];
  return `${given}\n${formatTable(['', ''], rows).replace(/^\n/, '')}`;
}

function missingText({missingExtensions}: TreeInspection): string {
  if (missingExtensions.length === 0) return '\nNo extension module is missing.\n';
  const rows = missingExtensions.map(({name, kind, cause}) => [name, kind, cause]);
  return `\n${formatTable([`missing (${missingExtensions.length})`, '', 'cause'], rows)}`;
}

function librariesText({missingLibraries, extensions}: TreeInspection): string {
  const rows = [
    ...missingLibraries.map((missing) => ['the interpreter', ...cells(missing)]),
    ...extensions.flatMap(({name, missingLibraries: missing}) =>
      missing.map((each) => [name, ...cells(each)]),
    ),
  ];
  if (rows.length === 0) return '';
  return `\n${formatTable(['cannot be loaded here', 'library that is missing', 'needed by'], rows)}`;
}

function cells({library, neededBy}: MissingLibrary): readonly string[] {
  return [library, path.basename(neededBy)];
}

function extensionsText({extensions}: TreeInspection): string {
  const rows = extensions.map(({name, linkage, file}) => [name, linkage, file ?? '']);
  return `\n${formatTable([`extension (${extensions.length})`, 'linkage', 'file'], rows)}`;
}

function interpreterText({version, failedImports, problem}: InterpreterReport): string {
  if (problem !== undefined) return `\nThe interpreter does not run: ${problem}\n`;
  if (failedImports.length === 0) {
    return `\nThe interpreter runs: ${version ?? ''}\nEvery extension module can be imported.\n`;
  }
  const rows = failedImports.map(({name, error}) => [name, error]);
  const head = `\nThe interpreter runs: ${version ?? ''}\n`;
  return `${head}\n${formatTable([`cannot be imported (${rows.length})`, 'error'], rows)}`;
}
