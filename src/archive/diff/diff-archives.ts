import {createWriteStream, openSync} from 'node:fs';
import {mkdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {compareCodeUnits} from '../../core/digest.js';
import {bytesOfDescriptor, holdBytes} from '../member-bytes.js';
import {readArchive} from '../read-archive.js';
import {compareContent, type ContentDifference} from './content-difference.js';
import type {FieldChange} from './elf-difference.js';
import {indexArchive, pairedNames, type ArchiveIndex, type IndexedMember} from './member-index.js';

/** A member that only one archive has. */
export interface LoneMember {
  /** In the layout of the full flavour, below `python/`. */
  readonly path: string;
  readonly kind: string;
  readonly sizeBytes: number;
  /** The topmost folder around it that the other archive does not have. */
  readonly loneFolder: string | undefined;
}

/** A member of both archives that differs. */
export interface ChangedMember {
  /** As above; `{3.13,3.14}` where the two archives have different names for it. */
  readonly path: string;
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  /** Kind, mode, target, owner, time. */
  readonly fields: readonly FieldChange[];
  /** `undefined` when the contents are equal or there are none. */
  readonly content: ContentDifference | undefined;
}

/** How two archives differ. */
export interface ArchiveDifference {
  /** Fields that differ in the same way for every member: owner, time. */
  readonly fields: readonly FieldChange[];
  readonly onlyInA: readonly LoneMember[];
  readonly onlyInB: readonly LoneMember[];
  readonly changed: readonly ChangedMember[];
}

/** Settings of a comparison. */
export interface DiffOptions {
  /** An empty folder, which holds the differing members of the first archive while the second is read. */
  readonly scratch: string;
  /** How many items of each list are kept for one file. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Compares two archives, also of different flavours and versions. Reads each once for digests and once for the
 * differing members. Holds one pair of files in memory at a time.
 * @throws ArchiveError when one cannot be read.
 */
export async function diffArchives(
  archiveA: string,
  archiveB: string,
  options: DiffOptions,
): Promise<ArchiveDifference> {
  const a = await indexArchive(archiveA, options.signal);
  const b = await indexArchive(archiveB, options.signal);
  const names = pairedNames(a.majorMinor, b.majorMinor);
  const inA = new Map(a.members.map((member) => [names.before(member.path), member]));
  const inB = new Map(b.members.map((member) => [names.after(member.path), member]));
  const pairs = [...inA].flatMap(([name, before]) => {
    const after = inB.get(name);
    return after === undefined ? [] : [{name, before, after}];
  });
  const common = commonFields(a, b);
  const contents = await compareContents(archiveA, archiveB, pairs, options);
  const changed = pairs.map(({name, before, after}) => ({
    path: name,
    sizeBefore: before.sizeBytes,
    sizeAfter: after.sizeBytes,
    fields: changedFields(before, after, names, common),
    content: contents.get(name),
  }));
  return {
    fields: common,
    onlyInA: lone(inA, inB),
    onlyInB: lone(inB, inA),
    changed: changed
      .filter(({fields, content}) => fields.length > 0 || content !== undefined)
      .sort((left, right) => compareCodeUnits(left.path, right.path)),
  };
}

type Members = ReadonlyMap<string, IndexedMember>;

function lone(members: Members, others: Members): readonly LoneMember[] {
  const folders = new Set<string>();
  for (const name of others.keys()) for (const folder of foldersAbove(name)) folders.add(folder);
  return [...members.entries()]
    .filter(([name]) => !others.has(name))
    .map(([name, {kind, sizeBytes}]) => ({
      path: name,
      kind,
      sizeBytes,
      loneFolder: foldersAbove(name).find((folder) => !folders.has(folder)),
    }))
    .sort((left, right) => compareCodeUnits(left.path, right.path));
}

/** The topmost first. */
function foldersAbove(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

const describeTime = (seconds: number) =>
  Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : String(seconds);

const sharedFields = [
  ['owner', (member: IndexedMember) => member.owner],
  ['time', (member: IndexedMember) => describeTime(member.mtimeSeconds)],
] as const;

/** Owner and time, if they are the same for all members of an archive: reported once instead of for every member. */
function commonFields(a: ArchiveIndex, b: ArchiveIndex): readonly FieldChange[] {
  return sharedFields.flatMap(([name, valueOf]) => {
    const [before, ...othersA] = new Set(a.members.map(valueOf));
    const [after, ...othersB] = new Set(b.members.map(valueOf));
    const isCommon = othersA.length + othersB.length === 0;
    if (!isCommon || before === undefined || after === undefined || before === after) return [];
    return [{name, before, after}];
  });
}

function changedFields(
  before: IndexedMember,
  after: IndexedMember,
  names: ReturnType<typeof pairedNames>,
  common: readonly FieldChange[],
): readonly FieldChange[] {
  const target = (name: (target: string) => string, {linkTarget}: IndexedMember) =>
    linkTarget === undefined ? '' : name(linkTarget);
  const fields = [
    {name: 'kind', before: before.kind, after: after.kind},
    {name: 'mode', before: before.mode.toString(8), after: after.mode.toString(8)},
    {name: 'target', before: target(names.before, before), after: target(names.after, after)},
    ...sharedFields
      .filter(([name]) => !common.some((field) => field.name === name))
      .map(([name, valueOf]) => ({name, before: valueOf(before), after: valueOf(after)})),
  ];
  return fields.filter((field) => field.before !== field.after);
}

interface Pair {
  readonly name: string;
  readonly before: IndexedMember;
  readonly after: IndexedMember;
}

async function compareContents(
  archiveA: string,
  archiveB: string,
  pairs: readonly Pair[],
  {scratch, limit, signal}: DiffOptions,
): Promise<ReadonlyMap<string, ContentDifference>> {
  const differing = pairs.filter(
    ({before, after}) =>
      before.kind === 'file' && after.kind === 'file' && before.digest !== after.digest,
  );
  const contents = new Map<string, ContentDifference>();
  if (differing.length === 0) return contents;
  const inA = new Map(differing.map((pair, index) => [pair.before.member, index]));
  const inB = new Map(differing.map((pair, index) => [pair.after.member, {...pair, index}]));
  await mkdir(scratch, {recursive: true});
  // Names of our own: no text from an archive becomes a path on this machine.
  const fileOf = (index: number) => path.join(scratch, String(index));
  for await (const member of readArchive(archiveA)) {
    signal.throwIfAborted();
    const index = member.kind === 'file' ? inA.get(member.path) : undefined;
    if (index !== undefined) {
      await pipeline(Readable.from(member.chunks()), createWriteStream(fileOf(index)));
    }
  }
  for await (const member of readArchive(archiveB)) {
    signal.throwIfAborted();
    const pair = member.kind === 'file' ? inB.get(member.path) : undefined;
    // An archive may contain a member twice.
    if (pair === undefined || contents.has(pair.name)) continue;
    using before = bytesOfDescriptor(openSync(fileOf(pair.index), 'r'), pair.before.sizeBytes);
    using after = await holdBytes(member.chunks(), member.sizeBytes, scratch);
    contents.set(pair.name, compareContent(pair.name, before, after, limit));
    await rm(fileOf(pair.index));
    // The comparison blocks the thread; this lets signals through.
    await new Promise(setImmediate);
  }
  return contents;
}
