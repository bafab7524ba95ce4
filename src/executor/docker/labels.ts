/** The label of everything that Ampoule makes on an engine. Its value is the kind. */
export const kindLabel = 'ampoule';
/** The owner (`RunOwner`) of things that do not outlive a run. */
export const ownerLabel = 'ampoule.owner';
/** The artifacts in an image or a volume. */
export const digestLabel = 'ampoule.digest';
/** On a pointer: the name of the complete volume. */
export const volumeLabel = 'ampoule.volume';

/** On a `/build` that outlives its run: its workspace and machine. */
export const workspaceLabel = 'ampoule.workspace';

/** The purposes of things on an engine. */
export type LabelledKind = 'stage' | 'helper' | 'rootfs' | 'input' | 'pointer' | 'build';

/** The identity of a run on an engine, and whether others are alive. */
export interface RunOwner {
  /** The label value on everything that must not outlive the run. */
  readonly text: string;
  /** The machine that the run is on. */
  readonly machine: string;
  /** Whether the run of another label is certainly over. */
  readonly isDead: (text: string) => Promise<boolean>;
}

/** A filter for the engine's lists: things of a kind. */
export function ofKind(kind: LabelledKind): {label: string[]} {
  return {label: [`${kindLabel}=${kind}`]};
}
