// A builder for tests of faults: what `ampoule build` does, from its options to the archive in the output folder, but
// for a graph of a few stages that take a fraction of a second each. Called with one argument of JSON.
import path from 'node:path';
import '../../../lib/builder/v8-flags.js';
import {buildPlan, openOutput} from '../../../lib/builder/build-plan.js';
import {loadProject} from '../../../lib/builder/load-project.js';
import {runToEnd} from '../../../lib/cli/run-to-end.js';
import {openSession} from '../../../lib/builder/session.js';
import {valueOrThrow} from '../../../lib/core/errors.js';
import {buildGraph} from '../../../lib/graph/graph.js';
import {heartbeat} from '../../../lib/store/owner-lock.js';
import {imageStage} from '../../../lib/stages/image-stage.js';

const settings = JSON.parse(process.argv[2] ?? '{}');
Object.assign(heartbeat, settings.heartbeat);

const stage = (id, overrides) => ({
  kind: 'sandbox',
  id,
  rootfs: 'rootfs/build',
  mounts: [],
  sources: [],
  files: {},
  // Found in /proc by the test: nobody else has it.
  environment: {PATH: '/usr/bin', FIXTURE_ID: settings.id},
  ...overrides,
});

const pause = `sleep ${settings.stageSeconds / 2}`;

const slowly = settings.writeSeconds === undefined ? '' : `; sleep ${settings.writeSeconds / 40}`;

const part = (source) =>
  stage(`part/${path.parse(source.fileName).name}`, {
    sources: [{...source, locations: [{kind: 'url', url: `${settings.url}/${source.fileName}`}]}],
    files: {'texts/why.txt': 'a text\n'},
    script: [
      'set -eu',
      settings.prologue ?? '',
      ...(settings.paddingBytes === undefined ? [] : [`: ${'x'.repeat(settings.paddingBytes)}`]),
      pause,
      `mkdir -p /out/lib/${source.fileName}.d`,
      `for n in $(seq 40); do echo "$n" >/out/lib/${source.fileName}.d/$n${slowly}; done`,
      `cp /src/${source.fileName} /out/lib/`,
      pause,
    ].join('\n'),
  });

function plan(project) {
  const image = project.images.get('rootfs/build');
  const parts = settings.sources.map(part);
  const {variant} = settings;
  const whole = stage(`whole/${variant}`, {
    mounts: [{guestPath: '/deps', stages: parts.map(({id}) => id)}],
    files: {'texts/why.txt': 'a text\n'},
    // What a stage can see of the machine must be the same everywhere.
    script: [
      'set -eu',
      pause,
      'cd /deps',
      `{ echo ${variant}; find . -type f | sort | xargs cat; } >/out/whole`,
      "stat -c '%a %u %g %n' / /src /src/texts /src/texts/* /build /out /deps /deps/lib /deps/lib/* /tmp >/out/modes",
      'umask >>/out/modes; env | grep -v -e MAKEFLAGS -e AMPOULE_JOBS -e FIXTURE_ID | sort >>/out/modes',
      pause,
    ].join('\n'),
  });
  const fileName = `fixture-${variant}.tar`;
  const archive = stage(`archive/${variant}`, {
    mounts: [
      {guestPath: '/in', stages: [whole.id]},
      {guestPath: '/deps', stages: parts.map(({id}) => id)},
    ],
    script: [
      'set -eu',
      pause,
      'cd /',
      'find in deps -type f | sort >/build/list',
      `tar -cf /out/${fileName} $(cat /build/list)`,
      pause,
    ].join('\n'),
  });
  const stages = [imageStage('rootfs/build', image), ...parts, whole, archive];
  const archives = [{flavour: 'full', fileName, stage: archive, date: 1_600_000_000}];
  const distribution = {
    variant: {
      python: '3.14.7',
      target: {triple: 'x86_64-unknown-linux-gnu'},
      options: [variant],
      toolchain: 'debian',
      sourceSet: 'debian',
    },
    stages: new Set(stages.map(({id}) => id)),
    archives,
  };
  return {graph: valueOrThrow(buildGraph(stages)), distributions: [distribution], profiles: []};
}

await runToEnd(async (signal) => {
  const options = {
    store: settings.store,
    project: settings.project,
    progress: 'plain',
    target: 'x86_64-unknown-linux-gnu',
    options: settings.variant,
    toolchain: 'debian',
    sources: 'debian',
    output: settings.output,
    executor: settings.executor ?? 'local',
    jobs: settings.jobs ?? 2,
    ...settings.options,
  };
  const project = await loadProject(options.project);
  const output = await openOutput(options.output);
  const session = await openSession(options, project, signal);
  try {
    const onArchive = (path) => process.stdout.write(`${path}\n`);
    await buildPlan(plan(project), {output, onArchive}, session);
  } finally {
    await session[Symbol.asyncDispose]();
  }
});
