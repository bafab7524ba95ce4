import type {StoreOptions, JsonOption} from '../../builder/options.js';
import {openReporter} from '../../builder/open-reporter.js';
import {
  comparePins,
  openUpstream,
  sourcePackages,
  type ComparedPins,
  type DebianComparison,
  type FoundVersion,
  type UpstreamComparison,
} from '../../builder/recipe-edit/compare-pins.js';
import {readSuites, suitesOf} from '../../builder/recipe-edit/debian-suites.js';
import {openRecipes, requireSound, selectRecipes} from '../../builder/recipe-edit/open-recipes.js';
import {DiskStore} from '../../store/disk-store.js';
import {print, printJson} from '../print.js';
import {formatTable} from '../table.js';

/** The options of `ampoule recipe outdated`, as the command line's parser leaves them. */
export type OutdatedOptions = StoreOptions & JsonOption;

/** Compares pins with Debian's suites and, where they answer, with upstream's hosts. Changes nothing. */
export async function runRecipeOutdated(
  names: readonly string[],
  options: OutdatedOptions,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecipes(options.project);
  const selected = requireSound(selectRecipes(opened.recipes, names));
  const reporter = await openReporter(options.progress);
  const isOffline = options.offline === true;
  const {onEvent} = reporter;
  await using upstream = openUpstream({isOffline, signal});
  try {
    const {project} = opened;
    const store = await DiskStore.open(
      options.store,
      (message) => onEvent({type: 'notice', message}),
      signal,
    );
    const {debianMirror} = options;
    const reading = {project, store, debianMirror, isOffline, onEvent, signal};
    const suites = readSuites(await suitesOf(opened), sourcePackages(selected), reading);
    const sources = suites.then((read) => read.sources);
    const comparing = selected.map((each) => comparePins(each, {sources, upstream: upstream.ask}));
    const compared = (await Promise.all(comparing)).flat();
    reporter.close();
    if (options.json === true) printJson({suites: (await suites).suites, recipes: compared});
    else print(asTable(compared));
  } finally {
    reporter.close();
  }
}

function asTable(compared: readonly ComparedPins[]): string {
  const rows = compared.map(({recipe, upstream, debian}) => [
    recipe,
    pinnedOf(upstream, debian),
    upstreamCell(upstream),
    debianCell(debian),
  ]);
  const problems = [...new Set(compared.flatMap(({upstream}) => upstream.problems ?? []))];
  const outdated = compared.filter(
    ({upstream, debian}) => upstream.isOutdated || debian?.isOutdated === true,
  );
  return [
    formatTable(['recipe', 'pinned', 'newer upstream', 'newer in Debian'], rows),
    ...(problems.length === 0 ? [] : ['\n? is what upstream does not tell:\n']),
    ...problems.map((problem) => `  ${problem}\n`),
    `\n${outdated.length} of ${compared.length} have something newer.\n`,
  ].join('');
}

function pinnedOf({pinned}: UpstreamComparison, debian: DebianComparison | undefined): string {
  return debian === undefined || debian.pinned === pinned
    ? pinned
    : `${pinned}, Debian ${debian.pinned}`;
}

function upstreamCell({newest, isOutdated}: UpstreamComparison): string {
  if (newest === undefined) return '?';
  return isOutdated ? `${newest.version} ${newest.where.map(hostOf).join(' ')}` : '-';
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function debianCell(debian: DebianComparison | undefined): string {
  if (debian === undefined) return 'not in Debian';
  const cells = debian.newer.map(
    ({version, where}: FoundVersion) => `${version} ${where.join(' ')}`,
  );
  const gone = debian.isListed ? [] : ['no suite has the pinned file any more'];
  return [...cells, ...gone].join(', ') || '-';
}
