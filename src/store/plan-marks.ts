import {createHash, randomUUID} from 'node:crypto';
import {readdir, rm, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import {parseSha256, type JsonValue, type Sha256, type StageKey} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import {isThere} from '../files/is-there.js';
import {livingOwner, ownerText} from './owner.js';
import {readIfThere, writeWhole, type StoreLayout} from './layout.js';
import {parseSealed, renderSealed} from './sealed-json.js';
import type {PlanMark} from './store.js';

/** A mark in the store, with digests in place of texts. */
export interface StoredMark extends PlanMark {
  readonly file: string;
  readonly texts: readonly Sha256[];
  /** The process of the builder that made it, if still running; then the mark is always valid. */
  readonly runningPid?: number;
}

/**
 * Stores a mark: as the newest of its checkout and subject, and as a running builder's until the result is disposed of.
 */
export async function keepMark(
  layout: StoreLayout,
  mark: PlanMark,
  texts: readonly Sha256[],
): Promise<AsyncDisposable> {
  const members = {...mark, texts};
  const text = renderSealed(members);
  const file = path.join(layout.marks, `${nameOf(mark)}.json`);
  if ((await readIfThere(file)) === text) await noteSeen(file);
  else await writeWhole(layout, file, text);
  const running = path.join(layout.marks, `${runningPrefix}${randomUUID()}.json`);
  const owner = await ownerText(layout.owners);
  await writeWhole(layout, running, renderSealed({...members, owner}));
  return {[Symbol.asyncDispose]: () => rm(running, {force: true})};
}

/** The newest mark of a checkout and subject. */
export async function findMark(
  layout: StoreLayout,
  name: Pick<PlanMark, 'checkout' | 'subject'>,
): Promise<StoredMark | undefined> {
  return readMark(layout, path.join(layout.marks, `${nameOf(name)}.json`));
}

/** A mark whose checkout is not there, as when a mount is away. */
export interface MissingCheckout {
  readonly checkout: string;
  readonly subject: string;
  /** Until then the mark counts. */
  readonly keptUntil: Date;
}

/** The marks of a store. */
export interface Marks {
  /** Those that count. */
  readonly living: readonly StoredMark[];
  /** The files of those whose checkout has been missing for long, or whose builder died. */
  readonly dead: readonly string[];
  /** Those of `living` whose checkout is not there. */
  readonly missing: readonly MissingCheckout[];
}

/** How long a mark counts after its checkout was last seen, by a plan or a sweep. */
const missingMs = 14 * 24 * 3600_000;

/**
 * Reads every mark. One whose checkout is there is noted as seen.
 * @param missing whether marks count whose checkout is missing, for a while.
 * @throws DamagedMarkError if it is unknown what a mark protects.
 */
export async function readMarks(layout: StoreLayout, missing: 'keep' | 'forget'): Promise<Marks> {
  const living: StoredMark[] = [];
  const dead: string[] = [];
  const missed: MissingCheckout[] = [];
  for (const name of await readdir(layout.marks)) {
    const file = path.join(layout.marks, name);
    const text = await readIfThere(file);
    // Its builder ended in the meantime.
    if (text === undefined) continue;
    const mark = await parseMark(layout, file, text);
    if (mark === undefined) throw new DamagedMarkError(file);
    if (name.startsWith(runningPrefix)) {
      if (mark.runningPid === undefined) dead.push(file);
      else living.push(mark);
      continue;
    }
    const keptUntil = await lookFor(mark);
    const isOver = keptUntil !== undefined && keptUntil.getTime() < Date.now();
    if (isOver || (keptUntil !== undefined && missing === 'forget')) {
      dead.push(file);
      continue;
    }
    living.push(mark);
    const {checkout, subject} = mark;
    if (keptUntil !== undefined) missed.push({checkout, subject, keptUntil});
  }
  return {living, dead, missing: missed};
}

/** Looks for the checkout of a mark. Returns until when the mark counts if that is missing. */
async function lookFor({checkout, file}: StoredMark): Promise<Date | undefined> {
  if (!(await isThere(checkout))) return new Date((await stat(file)).mtimeMs + missingMs);
  await noteSeen(file);
  return undefined;
}

/** The time of a mark says when its checkout was last seen. */
async function noteSeen(file: string): Promise<void> {
  const now = new Date();
  // A sweep beside this one may have removed it.
  await utimes(file, now, now).catch(() => undefined);
}

/** What is wrong with a mark; `undefined` if nothing is. */
export async function markProblem(layout: StoreLayout, file: string): Promise<string | undefined> {
  const mark = await readMark(layout, file);
  if (mark === undefined) return 'expected a mark, found something else';
  const name = path.basename(file);
  const isRight = name.startsWith(runningPrefix) || name === `${nameOf(mark)}.json`;
  return isRight ? undefined : 'it is the mark of something else';
}

/** A mark is damaged, so that it is unknown what it protects. */
export class DamagedMarkError extends BuildError {
  override readonly name = 'DamagedMarkError';
  readonly code = 'E_DAMAGED_MARK';

  constructor(file: string) {
    super(
      `The mark ${file} is damaged: what the last plan of a checkout needs is unknown, and would be removed.\n` +
        `Next: ${ownCommand('build')} in each checkout, which writes its marks again; ` +
        `or ${ownCommand('store verify --repair')}, which removes this one.`,
    );
  }
}

/** The files of marks whose builder died before it could remove them. */
export async function deadRunningMarks(layout: StoreLayout): Promise<readonly string[]> {
  const marks = await runningMarks(layout);
  return marks.flatMap(({file, pid}) => (pid === undefined ? [file] : []));
}

/** The processes of the builders that have marks. */
export async function runningPids(layout: StoreLayout): Promise<readonly number[]> {
  return (await runningMarks(layout)).flatMap(({pid}) => pid ?? []);
}

async function runningMarks(
  layout: StoreLayout,
): Promise<readonly {readonly file: string; readonly pid: number | undefined}[]> {
  const names = (await readdir(layout.marks)).filter((name) => name.startsWith(runningPrefix));
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(layout.marks, name);
      return {file, pid: (await readMark(layout, file))?.runningPid};
    }),
  );
}

const runningPrefix = 'running-';

function nameOf({checkout, subject}: Pick<PlanMark, 'checkout' | 'subject'>): string {
  return createHash('sha256').update(`${checkout}\n${subject}`).digest('hex').slice(0, 32);
}

async function readMark(layout: StoreLayout, file: string): Promise<StoredMark | undefined> {
  return parseMark(layout, file, (await readIfThere(file)) ?? '');
}

async function parseMark(
  layout: StoreLayout,
  file: string,
  text: string,
): Promise<StoredMark | undefined> {
  const value = parseSealed(text);
  const stages = parseKeys(value?.['stages']);
  const sources = parseDigests(value?.['sources']);
  const texts = parseDigests(value?.['texts']);
  const {checkout, subject, owner} = value ?? {};
  if (typeof checkout !== 'string' || typeof subject !== 'string') return undefined;
  if (stages === undefined || sources === undefined || texts === undefined) return undefined;
  const runningPid =
    typeof owner === 'string' ? await livingOwner(owner, layout.owners) : undefined;
  return {
    file,
    checkout,
    subject,
    stages,
    sources,
    texts,
    ...(runningPid !== undefined && {runningPid}),
  };
}

function parseKeys(value: JsonValue | undefined): Readonly<Record<string, StageKey>> | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const areKeys = entries.every(([, key]) => parseDigests([key ?? null]) !== undefined);
  // Each was just checked to have the form of a key.
  return areKeys ? (Object.fromEntries(entries) as Record<string, StageKey>) : undefined;
}

function parseDigests(value: JsonValue | undefined): readonly Sha256[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const digests = value.flatMap((entry: JsonValue) =>
    typeof entry === 'string' ? (parseSha256(entry) ?? []) : [],
  );
  return digests.length === value.length ? digests : undefined;
}
