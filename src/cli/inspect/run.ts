import {tmpdir} from 'node:os';
import {inspectArchive, type Inspection} from '../../archive/inspect/inspect.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import {print, printJson} from '../print.js';
import {formatBytes, formatTable} from '../table.js';

/** Options of `ampoule inspect`. */
export interface InspectOptions {
  readonly json?: true;
  readonly elf?: true;
}

/** Prints what an archive is and holds. */
export async function runInspect(archive: string, options: InspectOptions): Promise<void> {
  const inspection = await archiveErrorsAsInput(inspectArchive(archive, tmpdir()));
  if (options.json) {
    printJson({format: 1, ...inspection});
    return;
  }
  print(
    [
      headText(inspection),
      partsText(inspection),
      extensionsText(inspection),
      componentsText(inspection),
      options.elf ? elfText(inspection) : '',
      ...inspection.notKnown.map((sentence) => `\nNot known: ${sentence}`),
      inspection.notKnown.length > 0 ? '\n' : '',
    ].join(''),
  );
}

function headText(inspection: Inspection): string {
  const {facts, fileName, glibc, elfs, archiveBytes, unpackedBytes, files, links} = inspection;
  const rows = [
    ...(['python', 'target', 'options', 'flavour', 'date'] as const).map((key) => {
      const fact = facts[key];
      if (fact === undefined) return [key, 'not known'];
      return [key, fact.from === 'file name' ? `${fact.value} (from the file name)` : fact.value];
    }),
    [
      'glibc',
      glibc === undefined
        ? 'none of its files needs one'
        : `${glibc} or newer (highest symbol version of ${elfs.length} programs and libraries)`,
    ],
    ['archive', formatBytes(archiveBytes)],
    ['unpacked', `${formatBytes(unpackedBytes)} in ${files} files and ${links} links`],
  ];
  return `${fileName}\n${formatTable(['', ''], rows).replace(/^\n/, '')}`;
}

function partsText({parts, unpackedBytes}: Inspection): string {
  const rows = parts.map(({name, files, bytes}) => [
    name,
    files,
    formatBytes(bytes),
    `${((100 * bytes) / unpackedBytes).toFixed(1)} %`,
  ]);
  return `\n${formatTable(['part', 'files', 'size', 'share'], rows, [1, 2, 3])}`;
}

function extensionsText({extensions}: Inspection): string {
  const rows = extensions.map(({name, linkage, libraries, components, licences}) => [
    name,
    linkage,
    libraries.join(' '),
    components.map((component) => `${component.name} ${component.version ?? ''}`.trim()).join(', '),
    licences.join(', '),
  ]);
  const head = [`extension (${extensions.length})`, 'linkage', 'libraries', 'from', 'licence'];
  return `\n${formatTable(head, rows)}`;
}

function componentsText({components}: Inspection): string {
  if (components.length === 0) return '';
  const rows = components.map(({name, version, licence, sources}) => [
    name,
    version ?? '',
    licence ?? '',
    sources.map(({location}) => location).join(' '),
  ]);
  return `\n${formatTable([`component (${components.length})`, 'version', 'licence', 'source'], rows)}`;
}

function elfText({elfs}: Inspection): string {
  const rows = elfs.map(({path, glibc, runpath, needed}) => [
    path,
    glibc ?? '',
    runpath,
    needed.join(' '),
  ]);
  return `\n${formatTable(['program or library', 'glibc', 'runpath', 'needs'], rows)}`;
}
