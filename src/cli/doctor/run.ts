import {countOf} from '../../report/lines.js';
import {mkdtemp, readFile, rmdir} from 'node:fs/promises';
import path from 'node:path';
import {buildMachine} from '../../core/build-machine.js';
import {BuildError} from '../../core/errors.js';
import {askMirror, type MirrorAnswer} from '../../fetch/ask-mirror.js';
import type {Executor} from '../../executor/executor.js';
import {unverifiedPins} from '../../recipe/unverified-pins.js';
import type {Project} from '../../stages/project.js';
import type {DiskStore} from '../../store/disk-store.js';
import {ownerName} from '../../store/owner.js';
import {findEngine} from '../../builder/find-engine.js';
import {loadProject} from '../../builder/load-project.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {
  mirrorCandidates,
  newestSnapshot,
  type MirrorCandidate,
} from '../../builder/open-fetcher.js';
import {print, printJson} from '../print.js';
import {
  checkMemory,
  checkOpenFiles,
  checkSpace,
  judgeClock,
  judgeMirrors,
  UnfitMachineError,
} from './machine.js';
import {openSession} from '../../builder/session.js';

interface Check {
  readonly title: string;
  /** Returns a short answer, or throws with the problem and the remedy. */
  readonly look: () => string | Promise<string>;
  /** A check without which this one would tell the same problem again. */
  readonly after?: string;
}

/** Checks everything that a build needs from this machine. Fetches the small sandbox image; builds nothing. */
export async function runDoctor(
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const project = await loadProject(options.project);
  await using session = await openSession({...options, progress: 'quiet'}, project, signal);
  const answers = askMirrors(options, project, signal);
  // The checks report its failure; until then nobody listens.
  answers.catch(() => undefined);
  const checks: readonly Check[] = [
    {title: 'Node', look: () => process.versions.node},
    {title: 'machine', look: checkMachine},
    {title: 'memory', look: checkMemory},
    {title: 'open files', look: checkOpenFiles},
    {title: 'store', look: () => checkStore(session.store)},
    {title: 'disk', look: () => checkSpace(session.store.root)},
    {title: 'clock', look: async () => checkClock(await answers, project)},
    {title: 'mirrors', look: async () => checkMirrors(await answers)},
    {title: 'engine', look: () => checkEngine(options.executor)},
    {title: 'sandbox', look: () => checkSandbox(session.resources.executor), after: 'engine'},
    {title: 'pins', look: () => describePins(project)},
  ];
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (results.some(({title, ok}) => title === check.after && !ok)) continue;
    const result = await resultOf(check);
    results.push(result);
    if (options.json === true) continue;
    print(`${result.ok ? 'ok      ' : 'PROBLEM '} ${result.title}: ${result.message}\n`);
  }
  const problems = results.filter(({ok}) => !ok).length;
  if (options.json === true) printJson({ok: problems === 0, checks: results});
  if (problems > 0) throw new UnfitMachineError(`${problems} of ${results.length} checks failed`);
}

/** What the mirrors answer; `undefined` if nobody may be asked. */
async function askMirrors(
  {debianMirror, offline}: CommonOptions,
  {images}: Project,
  signal: AbortSignal,
): Promise<readonly (MirrorAnswer & MirrorCandidate)[] | undefined> {
  const suite = images.get('rootfs/build')?.definition.suite;
  const snapshot = newestSnapshot(images);
  if (offline === true || suite === undefined || snapshot === undefined) return undefined;
  const candidates = await mirrorCandidates(debianMirror, snapshot);
  return Promise.all(
    candidates.map(async (candidate) => ({
      ...candidate,
      ...(await askMirror(candidate.base, suite, signal)),
    })),
  );
}

function checkMirrors(answers: Awaited<ReturnType<typeof askMirrors>>): string {
  if (answers === undefined) return 'not asked: --offline';
  return judgeMirrors(answers, answers.find(({isNamed}) => isNamed)?.base);
}

function checkClock(answers: Awaited<ReturnType<typeof askMirrors>>, {images}: Project): string {
  const servers = (answers ?? []).flatMap(({serverMs}) => serverMs ?? []);
  return judgeClock(Date.now(), servers, snapshotTime(newestSnapshot(images)));
}

/** The time of a snapshot such as 20260131T000000Z, in milliseconds since 1970; 0 for none. */
function snapshotTime(stamp = ''): number {
  const text = stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return text === stamp ? 0 : Date.parse(text);
}

interface CheckResult {
  readonly title: string;
  readonly ok: boolean;
  readonly message: string;
}

async function resultOf({title, look}: Check): Promise<CheckResult> {
  try {
    return {title, ok: true, message: await look()};
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {title, ok: false, message: error.message};
  }
}

interface KernelSetting {
  readonly name: string;
  readonly isFit: (value: number) => boolean;
  readonly wanted: string;
}

const settings: readonly KernelSetting[] = [
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    isFit: (value) => value === 0,
    wanted: '0',
  },
  {name: 'kernel.unprivileged_userns_clone', isFit: (value) => value === 1, wanted: '1'},
  {name: 'user.max_user_namespaces', isFit: (value) => value > 0, wanted: '15000'},
];

/** The kernel settings that forbid the sandbox, each with its remedy. */
async function forbiddingSettings(): Promise<readonly string[]> {
  const found = await Promise.all(
    settings.map(async ({name, isFit, wanted}) => {
      const file = `/proc/sys/${name.replaceAll('.', '/')}`;
      const text = await readFile(file, 'utf8').catch(() => undefined);
      // Missing settings forbid nothing.
      if (text === undefined || isFit(Number(text))) return [];
      return [
        `expected ${name} ${wanted}, found ${text.trim()}: as root, sysctl -w ${name}=${wanted}`,
      ];
    }),
  );
  return found.flat();
}

function checkMachine(): string {
  const machine = `${process.platform} ${process.arch}`;
  if (machine !== buildMachine.node) {
    throw new Error(`builds run on ${buildMachine.node}, this is ${machine}`);
  }
  return machine;
}

/** A store may be readable but not writable: it belongs to another user or lies on a read-only file system. */
async function checkStore({root, temporaryPath}: DiskStore): Promise<string> {
  try {
    await rmdir(await mkdtemp(path.join(temporaryPath, `${await ownerName()}-doctor-`)));
  } catch (error) {
    throw new UnfitMachineError(
      `${root} cannot be written to (${(error as Error).message}). ` +
        'Name a folder of your own with --store or AMPOULE_STORE',
    );
  }
  return root;
}

/** A missing engine is a problem only if one was requested. */
async function checkEngine(executor: CommonOptions['executor']): Promise<string> {
  if (executor === 'local') return 'not looked for: --executor local';
  const found = await findEngine();
  if (found.engine === undefined) {
    if (executor === 'docker') throw found.problem;
    const why = found.isExpected ? `: ${found.problem.message}` : '';
    return `none that can be used, stages run in namespaces of this machine${why}`;
  }
  const {apiVersion, name, version} = found.engine;
  return `version ${version}, API ${apiVersion}, at ${name} (${found.origin})`;
}

/**
 * Not a problem of this machine: the build fails if a download does not match. But these pins have never been compared
 * with the upstream file.
 */
function describePins({recipes}: Project): string {
  const unverified = [...recipes.values()].flatMap(({recipe}) => unverifiedPins(recipe));
  if (unverified.length === 0) return 'all of them were compared with the files';
  const names = unverified.map(({name, version}) => `${name} ${version}`).join(', ');
  return `not compared with upstream's file yet (unverified: true): ${names}`;
}

async function checkSandbox(open: () => Promise<Executor>): Promise<string> {
  try {
    const executor = await open();
    return `starts, ${countOf(executor.jobs.size, 'job')} at once`;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const remedies = await forbiddingSettings();
    if (remedies.length === 0) throw error;
    throw new UnfitMachineError(`does not start. ${remedies.join('; ')}`);
  }
}
