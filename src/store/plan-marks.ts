import {createHash, randomUUID} from 'node:crypto';
import {access, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {parseSha256, type JsonValue, type Sha256, type StageKey} from '../core/digest.js';
import {livingOwner, ownerText} from './owner.js';
import {readIfThere, writeWhole, type StoreLayout} from './layout.js';
import {parseObject} from './sealed-json.js';
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
  const text = JSON.stringify(members);
  const file = path.join(layout.marks, `${nameOf(mark)}.json`);
  if ((await readIfThere(file)) !== text) await writeWhole(layout, file, text);
  const running = path.join(layout.marks, `${runningPrefix}${randomUUID()}.json`);
  await writeWhole(
    layout,
    running,
    JSON.stringify({...members, owner: await ownerText(layout.owners)}),
  );
  return {[Symbol.asyncDispose]: () => rm(running, {force: true})};
}

/** The newest mark of a checkout and subject. */
export async function findMark(
  layout: StoreLayout,
  name: Pick<PlanMark, 'checkout' | 'subject'>,
): Promise<StoredMark | undefined> {
  return readMark(layout, path.join(layout.marks, `${nameOf(name)}.json`));
}

/** Every mark: the valid ones, and those whose checkout is gone, whose builder died, or that are damaged. */
export async function readMarks(
  layout: StoreLayout,
): Promise<{readonly living: readonly StoredMark[]; readonly dead: readonly string[]}> {
  const living: StoredMark[] = [];
  const dead: string[] = [];
  for (const name of await readdir(layout.marks)) {
    const file = path.join(layout.marks, name);
    const mark = await readMark(layout, file);
    if (mark !== undefined && (await counts(mark))) living.push(mark);
    else dead.push(file);
  }
  return {living, dead};
}

/** The files of marks whose builder died before it could remove them. */
export async function deadRunningMarks(layout: StoreLayout): Promise<readonly string[]> {
  const names = (await readdir(layout.marks)).filter((name) => name.startsWith(runningPrefix));
  const marks = await Promise.all(
    names.map(async (name) => {
      const file = path.join(layout.marks, name);
      return {file, isDead: (await readMark(layout, file))?.runningPid === undefined};
    }),
  );
  return marks.flatMap(({file, isDead}) => (isDead ? [file] : []));
}

const runningPrefix = 'running-';

async function counts(mark: StoredMark): Promise<boolean> {
  if (path.basename(mark.file).startsWith(runningPrefix)) return mark.runningPid !== undefined;
  return access(mark.checkout).then(
    () => true,
    () => false,
  );
}

function nameOf({checkout, subject}: Pick<PlanMark, 'checkout' | 'subject'>): string {
  return createHash('sha256').update(`${checkout}\n${subject}`).digest('hex').slice(0, 32);
}

async function readMark(layout: StoreLayout, file: string): Promise<StoredMark | undefined> {
  const value = parseObject((await readIfThere(file)) ?? '');
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
