import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {canonicalJson, sha256} from '../../core/digest.js';
import {printBuildOptions} from '../../core/build-options.js';
import type {SandboxStage} from '../../graph/stage.js';
import type {StageInputs} from '../../scheduler/run-stage.js';
import type {DevelopPlan} from '../../stages/develop-stage.js';
import type {ConfiguredFor} from './build-folder.js';

/** What a build folder has to be configured for: if something else changes, make finds out by itself. */
export async function expectedConfiguration(
  {stage, variant}: DevelopPlan,
  tree: string,
  artifactOf: StageInputs['artifactOf'],
): Promise<ConfiguredFor> {
  return {
    tree,
    options: printBuildOptions(variant.options),
    compiler: digestsOf([stage.rootfs, ...below(stage, '/tools')], artifactOf),
    sysroot: digestsOf(below(stage, '/sysroot'), artifactOf),
    dependencies: digestsOf(below(stage, '/deps'), artifactOf),
    flags: sha256(
      canonicalJson({script: withoutComments(stage.script), environment: stage.environment}),
    ),
    configure: sha256(await readFile(path.join(tree, 'configure'))),
  };
}

function withoutComments(script: string): string {
  return script.replaceAll(/^\s*#.*\n/gm, '');
}

function below({mounts}: SandboxStage, guestPath: string): readonly string[] {
  return mounts.filter((mount) => mount.guestPath === guestPath).flatMap(({stages}) => stages);
}

function digestsOf(stages: readonly string[], artifactOf: StageInputs['artifactOf']): string {
  return sha256(stages.map(artifactOf).join('\n'));
}
