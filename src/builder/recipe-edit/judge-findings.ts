import type {SourceSet} from '../../core/target.js';
import type {Recipe} from '../../recipe/recipe.js';
import type {NewPin} from './edit-pins.js';
import type {Finding, FoundFile} from './find-file.js';
import type {PlacedPin} from './pin-places.js';
import {RecipeEditError} from './recipe-edit-error.js';

/** What became of the pin of a source set. */
export interface SetOutcome {
  readonly set: SourceSet;
  /** The version that was pinned, and is pinned now. */
  readonly from: string;
  readonly to: string;
  /** Where the file was read, or why the pin was left alone. */
  readonly note: string;
}

/** A file of a Debian mirror. */
export type InDebian = FoundFile & {readonly poolPath: string; readonly suite: string};

/** What was found for one pin. */
export interface PinFindings {
  readonly placed: PlacedPin;
  readonly upstream?: Finding;
  readonly debian?: Finding<InDebian>;
}

/** The new pin of what was found; `undefined` if the old one stays. */
export function newPin(
  {placed, upstream, debian}: PinFindings,
  {name}: Recipe,
  version: string,
): NewPin | undefined {
  const {pin, sets} = placed;
  const ofUpstream = upstream?.kind === 'found' ? upstream.file : undefined;
  const inDebian = debian?.kind === 'found' ? debian.file : undefined;
  for (const file of [ofUpstream, inDebian]) {
    const isMoved = file === inDebian && inDebian?.poolPath !== pin.debian?.poolPath;
    if (file === undefined || version !== pin.version || isMoved) continue;
    if (file.sha256 !== pin.sha256) throw changedFile(name, version, pin.sha256, file);
  }
  if (sets.length > 1 && ofUpstream && inDebian && ofUpstream.sha256 !== inDebian.sha256) {
    throw new RecipeEditError(
      [
        `${name} ${version}: "source" pins one file for both source sets, but they differ now:`,
        ...[ofUpstream, inDebian].map(
          ({url, sha256, sizeBytes}) => `  ${url}\n    sha256 ${sha256}, ${sizeBytes} bytes`,
        ),
        'Nothing was written. Write "sources" with "upstream" and "debian" in place of "source", then run the same command again.',
      ].join('\n'),
    );
  }
  // One file for both sets needs a place in Debian if the pin has one.
  const isIncomplete = sets.length > 1 && pin.debian !== undefined && inDebian === undefined;
  const file = inDebian ?? ofUpstream;
  if (file === undefined || isIncomplete) return undefined;
  const {poolPath, suite} = inDebian ?? {};
  const place = poolPath === undefined || suite === undefined ? undefined : {poolPath, suite};
  const isVerified = sets.includes('upstream') ? ofUpstream !== undefined : true;
  return {placed, file, isVerified, debian: place};
}

function changedFile(
  name: string,
  version: string,
  pinned: string,
  {url, sha256, sizeBytes}: FoundFile,
): RecipeEditError {
  return new RecipeEditError(
    `${name} ${version} is pinned already, and ${url} has other bytes now:\n` +
      `  pinned sha256 ${pinned}\n   found sha256 ${sha256}, ${sizeBytes} bytes\n` +
      'Nothing was written. Upstream replaced the file, or the server is damaged: compare both files before you pin the new one by hand.',
  );
}

/** What to tell about the source sets of a pin. */
export function outcomesOf(
  {upstream, debian}: PinFindings,
  isChanged: boolean,
  {from, version}: {readonly from: string; readonly version: string},
): readonly SetOutcome[] {
  const to = isChanged ? version : from;
  const noteOf = (set: SourceSet, finding: Finding | Finding<InDebian>): string => {
    if (finding.kind === 'found') {
      return isChanged ? finding.file.url : `${finding.file.url}: found, but the pin is shared`;
    }
    if (!isChanged || set === 'debian') return `left alone: ${finding.reason}`;
    return `not compared${from === to ? '' : ', so the pin is unverified'}: ${finding.reason}`;
  };
  return [
    ...(upstream ? [{set: 'upstream', from, to, note: noteOf('upstream', upstream)} as const] : []),
    ...(debian ? [{set: 'debian', from, to, note: noteOf('debian', debian)} as const] : []),
  ];
}

/** No pin can be changed. */
export function nothingToPin(
  name: string,
  version: string,
  outcomes: readonly SetOutcome[],
): RecipeEditError {
  return new RecipeEditError(
    [
      `${name} ${version} cannot be pinned, and nothing was written:`,
      ...outcomes.map(({set, note}) => `  ${set}: ${note}`),
    ].join('\n'),
  );
}
