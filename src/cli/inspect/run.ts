import {countOf} from '../../report/lines.js';
import {tmpdir} from 'node:os';
import {inspectArchive, type Inspection} from '../../archive/inspect/inspect.js';
import {InputError} from '../../core/errors.js';
import {isTree} from '../../installation/find-installation.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import {print, printJson} from '../print.js';
import {formatBytes, formatTable} from '../table.js';
import {elfText, partsText} from './text.js';

/** Options of `ampoule inspect`. */
export interface InspectOptions {
  readonly json?: true;
  readonly elf?: true;
  readonly run?: true;
}

/** Prints what an archive or a tree is and holds. */
export async function runInspect(
  archive: string,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  if (await isTree(archive)) {
    const {runInspectTree} = await import('./tree.js');
    await runInspectTree(archive, options, signal);
    return;
  }
  if (options.run === true) {
    throw new InputError([
      `--run: ${archive} is an archive, and programs run only from a folder.\nNext: unpack it, and name the folder.`,
    ]);
  }
  const inspection = await archiveErrorsAsInput(inspectArchive(archive, tmpdir()));
  if (options.json) {
    printJson({format: 1, ...inspection});
    return;
  }
  print(
    [
      headText(inspection),
      partsText(inspection.parts, inspection.unpackedBytes),
      extensionsText(inspection),
      componentsText(inspection),
      options.elf ? elfText(inspection.elfs) : '',
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
        : `${glibc} or newer (highest symbol version of ${countOf(elfs.length, 'program or library', 'programs and libraries')})`,
    ],
    ['archive', formatBytes(archiveBytes)],
    [
      'unpacked',
      `${formatBytes(unpackedBytes)} in ${countOf(files, 'file')} and ${countOf(links, 'link')}`,
    ],
  ];
  return `${fileName}\n${formatTable(['', ''], rows).replace(/^\n/, '')}`;
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
