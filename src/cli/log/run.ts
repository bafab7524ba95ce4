import {open} from 'node:fs/promises';
import {finished} from 'node:stream/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {ownCommand} from '../../core/own-command.js';
import type {StageId} from '../../core/stage-id.js';
import {DiskStore} from '../../store/disk-store.js';
import {logsOf, stagesWithLogs, type StoredLog} from '../../store/stage-logs.js';
import {matchStage} from '../../builder/find-stage.js';
import {NotInStoreError} from '../../builder/not-in-store.js';
import {openReporter} from '../../builder/open-reporter.js';
import type {JsonOption, StoreOptions} from '../../builder/options.js';
import {logOutput, print, printJson} from '../print.js';

const pollMs = 150;

/** Options of `ampoule log`. */
export interface LogOptions extends Pick<StoreOptions, 'store' | 'progress'>, JsonOption {
  readonly follow?: true;
}

/** Prints the newest log of a stage, or lists the stages that have one. */
export async function runLog(
  name: string | undefined,
  options: LogOptions,
  signal: AbortSignal,
): Promise<void> {
  const store = await DiskStore.openPresent(options.store);
  const stages = await stagesWithLogs(store.layout);
  if (name === undefined) {
    await listLogs(stages, store, options);
    return;
  }
  const stage = stages.length === 0 ? undefined : matchStage(name, stages);
  const log = stage === undefined ? undefined : await newestLog(stage, store);
  if (log === undefined) {
    throw new NotInStoreError(
      `${store.root} has no log of "${name}".\nNext: ${ownCommand('build')}`,
    );
  }
  if (options.json === true) {
    printJson(log);
    return;
  }
  const reporter = await openReporter(options.progress);
  const tell = (shown: StoredLog): void =>
    reporter.onEvent({
      type: 'notice',
      message: `${shown.stage}, started ${shown.started}: ${ending(shown)}`,
    });
  tell(log);
  const output = logOutput();
  if (options.follow === true) {
    await follow(log, store, {output, signal});
    if (log.outcome === 'running') tell((await newestLog(log.stage, store)) ?? log);
  } else {
    await printFrom(log.path, 0, output);
  }
  if (output !== process.stdout) output.end();
  reporter.close();
}

async function listLogs(
  stages: readonly StageId[],
  store: DiskStore,
  options: LogOptions,
): Promise<void> {
  const found = await Promise.all(stages.map((stage) => newestLog(stage, store)));
  const logs = found.flatMap((log) => log ?? []);
  if (options.json === true) {
    printJson(logs);
    return;
  }
  const width = Math.max(0, ...logs.map(({stage}) => stage.length));
  for (const log of logs) {
    print(`${log.stage.padEnd(width)}  ${log.started}  ${ending(log)}\n`);
  }
}

/** A stage's newest log. Old stores have no ending beside a log; there, only a record shows that the run succeeded. */
async function newestLog(stage: StageId, store: DiskStore): Promise<StoredLog | undefined> {
  const [log] = await logsOf(store.layout, stage);
  if (log?.outcome !== 'lost') return log;
  const record = await store.findNewest(stage);
  return record?.log === log.path ? {...log, outcome: 'built', seconds: record.seconds} : log;
}

function ending({outcome, seconds}: StoredLog): string {
  if (outcome === 'running') return 'running';
  if (outcome === 'lost') return 'ended unexpectedly';
  return seconds === undefined ? outcome : `${outcome} in ${seconds.toFixed(1)} s`;
}

/** Prints a log while it grows, until its writer has ended. */
async function follow(
  log: StoredLog,
  store: DiskStore,
  {output, signal}: {readonly output: NodeJS.WritableStream; readonly signal: AbortSignal},
): Promise<void> {
  let printed = 0;
  for (;;) {
    // Checked before reading, so that the read below sees everything that was written.
    const now = (await logsOf(store.layout, log.stage)).find(({path}) => path === log.path);
    printed = await printFrom(log.path, printed, output);
    if (signal.aborted || now?.outcome !== 'running') return;
    await sleep(pollMs, undefined, {signal}).catch(() => undefined);
  }
}

/** Prints a file from an offset on. Returns the offset of its end. */
async function printFrom(
  file: string,
  offset: number,
  output: NodeJS.WritableStream,
): Promise<number> {
  await using handle = await open(file);
  const stream = handle.createReadStream({start: offset, autoClose: false});
  stream.pipe(output, {end: false});
  await finished(stream);
  return offset + stream.bytesRead;
}
