import type {Source} from '../../core/source.js';
import {absentSources} from '../../fetch/fetch-sources.js';
import type {BuildGraph} from '../../graph/graph.js';
import {megabytes} from '../../report/lines.js';
import {openProject} from '../../builder/open-project.js';
import {makePlan} from '../../builder/make-plan.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {planAsJson} from '../plan-as-json.js';
import {print, printJson} from '../print.js';
import {openSession} from '../../builder/session.js';

/** Downloads everything that the stages of a plan and the sandbox need, and prints a list. */
export async function runFetch(
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const project = await openProject(options, signal);
  await using session = await openSession(options, project, signal);
  const {store} = session;
  const plan = makePlan(project, options, await session.chooseSourceSet());
  await session.mark(plan);
  const wanted = sourcesOf([plan.graph, session.sandboxGraph]);
  const absent = await absentSources(wanted, store.sources);
  await session.resources.fetchSources(wanted);
  session.reporter.close();
  const describe = ({fileName, sha256, sizeBytes}: Source): object => ({
    fileName,
    sha256,
    sizeBytes,
    path: store.sources.pathOf(sha256),
  });
  if (options.json === true) {
    const present = wanted.filter((source) => !absent.includes(source));
    printJson({
      ...planAsJson(plan),
      fetched: absent.map(describe),
      present: present.map(describe),
    });
    return;
  }
  for (const {fileName, sizeBytes} of absent) {
    print(`${fileName} ${megabytes(sizeBytes)}\n`);
  }
  const bytes = (sources: readonly Source[]): number =>
    sources.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0);
  print(
    `fetched ${absent.length} of ${wanted.length} sources, ${megabytes(bytes(absent))} of ${megabytes(bytes(wanted))}\n`,
  );
}

/** Every source of the stages of these graphs, once. */
function sourcesOf(graphs: readonly BuildGraph[]): readonly Source[] {
  const stages = graphs.flatMap((graph) => [...graph.stages.values()]);
  const sources = stages.flatMap((stage) => stage.sources);
  return [...new Map(sources.map((source) => [source.sha256, source])).values()];
}
