import type {JsonValue} from '../core/digest.js';
import type {Source, SourceLocation} from '../core/source.js';
import type {StageId} from '../core/stage-id.js';
import {hasInstallOnly, printBuildOptions} from '../core/build-options.js';
import type {ProfileKind, Variant} from '../core/variant.js';
import {archiveName} from '../distribution/archive-name.js';
import {renderArchiveScript} from '../distribution/archive-script.js';
import {flavoursThat, type Flavour} from '../distribution/flavours.js';
import {distributionMetadataFunction} from '../distribution/host-function.js';
import type {
  BuiltToolchain,
  Component,
  ComponentSource,
  ProfileSource,
} from '../distribution/parameters.js';
import {hostStage, type HostStage, type SandboxStage} from '../graph/stage.js';
import {toolPath} from '../recipe/environment.js';
import {selectSource} from '../recipe/select-source.js';
import {toolMounts} from './names.js';
import type {PlannedProfile} from './profile-stage.js';
import type {Image, InterpreterInputs, Project} from './project.js';
import {runtimePieces} from './runtime-pieces.js';
import {seedImage, toolchainRecipes} from './toolchain-stages.js';

/** The archives of one plan, and their inputs. */
export interface DistributionStages {
  readonly metadata: HostStage;
  readonly archives: readonly PlannedArchive[];
}

/** A stage whose artifact is one archive. */
export interface PlannedArchive {
  readonly flavour: Flavour;
  readonly stage: SandboxStage;
  /** The only file of the stage's artifact. */
  readonly fileName: string;
  /** The time of its members and of the file itself: seconds since 1970. */
  readonly date: number;
}

/** The inputs of one interpreter's archives. */
export interface DistributionStageInputs extends InterpreterInputs {
  readonly setupLocal: StageId;
  readonly cpython: SandboxStage;
  /** `undefined` if it is built without a profile. */
  readonly profile: PlannedProfile | undefined;
  /** Seconds since 1970, or `undefined` for the date of the newest source. */
  readonly releaseEpoch: number | undefined;
}

/** `distribution/<variant>/metadata` and one `distribution/<variant>/<flavour>` for each archive. */
export function distributionStages(inputs: DistributionStageInputs): DistributionStages {
  const epoch = inputs.releaseEpoch ?? newestSource(inputs);
  const metadata = metadataStage(inputs, epoch);
  const {context} = inputs;
  const flavours = flavoursThat(
    ({content}) => content === 'tree' || hasInstallOnly(context.options),
  );
  const archives = flavours.map((flavour): PlannedArchive => {
    const fileName = archiveName({
      python: context.python,
      targetTriple: context.target.triple,
      options: context.options,
      isOwnTree: context.ownTree !== undefined,
      overlays: inputs.project.overlays.map(({name}) => name),
      flavour,
      sourceDateEpoch: epoch,
    });
    return {
      flavour,
      fileName,
      date: epoch,
      stage: archiveStage(inputs, {flavour, fileName, epoch, metadata: metadata.id}),
    };
  });
  return {metadata, archives};
}

function metadataStage(inputs: DistributionStageInputs, epoch: number): HostStage {
  const {context, dependencies, project} = inputs;
  const {source} = selectSource(inputs.folder.recipe, context.sourceSet);
  return hostStage(distributionMetadataFunction, {
    id: inputs.names.metadata,
    parameters: {
      python: context.python,
      targetTriple: context.target.triple,
      options: printBuildOptions(context.options),
      sourceDateEpoch: epoch,
      pythonSources: [componentSource(source)],
      ...(context.ownTree === undefined ? {} : {ownTree: context.ownTree}),
      ...(project.overlays.length === 0 ? {} : {overlays: project.overlays}),
      ...(context.profile === undefined ? {} : {profile: profileRecord(inputs, context.profile)}),
      components: dependencies.flatMap((name) => component(name, project, context)),
      runtimePieces: runtimePieces(project, {
        sysroot: inputs.names.sysrootImage,
        rootfs: inputs.cpython.rootfs,
        options: context.options,
      }),
      ...toolchainRecord(inputs),
      buildRecord: buildRecord(inputs),
    },
    sources: [],
    inputs: {
      cpython: inputs.cpython.id,
      'setup-local': inputs.setupLocal,
      sysroot: inputs.names.sysroot,
      ...(inputs.names.toolchain === undefined ? {} : {toolchain: inputs.names.toolchain}),
      ...Object.fromEntries(
        dependencies.map((name) => [`dependency/${name}`, inputs.names.dependency(name)]),
      ),
    },
  });
}

function profileRecord({profile}: DistributionStageInputs, kind: ProfileKind): ProfileSource {
  const frozen = profile?.frozen;
  return {kind, ...(frozen === undefined ? {} : {sha256: frozen.record.sha256})};
}

function archiveStage(
  inputs: DistributionStageInputs,
  archive: {flavour: Flavour; fileName: string; epoch: number; metadata: StageId},
): SandboxStage {
  return {
    kind: 'sandbox',
    id: inputs.names.archive(archive.flavour),
    rootfs: inputs.names.rootfs,
    mounts: [
      ...toolMounts(inputs.names),
      {guestPath: '/in', stages: [inputs.cpython.id, archive.metadata]},
    ],
    sources: [],
    files: {},
    environment: {
      PATH: toolPath(inputs.context.toolchain),
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      TMPDIR: '/tmp',
    },
    script: `set -eu\n${renderArchiveScript({
      flavour: archive.flavour,
      fileName: archive.fileName,
      sourceDateEpoch: archive.epoch,
    })}`,
  };
}

function component(name: string, project: Project, context: Variant): Component[] {
  const recipe = project.recipes.get(name)?.recipe;
  if (recipe === undefined) return [];
  const {source, version} = selectSource(recipe, context.sourceSet);
  return [
    {
      name,
      version,
      spdx: recipe.license.spdx,
      sources: [componentSource(source)],
    },
  ];
}

function componentSource({fileName, sha256, locations}: Source): ComponentSource {
  const [first] = locations;
  return {fileName, sha256, location: first === undefined ? '' : locationText(first)};
}

function locationText(location: SourceLocation): string {
  switch (location.kind) {
    case 'url':
      return location.url;
    case 'debian':
      return location.poolPath;
    case 'tree':
      // Its path is of one machine.
      return "a developer's own tree";
    case 'file':
      return 'a file of the project';
  }
}

/** Flags that are removed from the recorded ones for the sake of gcc, but kept in the build record. */
function buildRecord({names, project, context, cpython}: DistributionStageInputs): JsonValue {
  return {
    toolchain: context.toolchain,
    glibcFloor: context.glibcFloor,
    rootfs: packages(project.images.get(cpython.rootfs)),
    sysroot: packages(project.images.get(names.sysrootImage)),
    environment: cpython.environment,
  };
}

/** The sources of a toolchain built from source. */
function toolchainRecord({names, project, context}: DistributionStageInputs): {
  readonly toolchain?: BuiltToolchain;
} {
  if (names.toolchain === undefined) return {};
  const components = toolchainRecipes.flatMap((name) => component(name, project, context));
  return {
    toolchain: {
      name: context.toolchain,
      components: components.map(({name, version, sources}) => ({name, version, sources})),
      seedPackages: packages(project.images.get(seedImage)),
    },
  };
}

function packages(image: Image | undefined): JsonValue {
  return Object.fromEntries(
    image?.lock.packages.map(({name, version, sha256}) => [name, {version, sha256}]) ?? [],
  );
}

function newestSource({folder, dependencies, project, context}: DistributionStageInputs): number {
  const recipes = dependencies.flatMap((name) => project.recipes.get(name) ?? []);
  return Math.max(
    ...[folder, ...recipes].map(
      ({recipe}) => selectSource(recipe, context.sourceSet).sourceDateEpoch,
    ),
  );
}
