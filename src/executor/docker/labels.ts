/** The label of everything that Ampoule makes on an engine; its value is the kind of thing. */
export const kindLabel = 'ampoule';
/** Who made it, as `RunOwner` tells it; on what does not outlive a run. */
export const ownerLabel = 'ampoule.owner';
/** The artifacts that an image or a volume holds. */
export const digestLabel = 'ampoule.digest';
/** On a pointer: the name of the volume that is full. */
export const volumeLabel = 'ampoule.volume';

/** On a `/build` that outlives its run: the workspace that it belongs to, on which machine. */
export const workspaceLabel = 'ampoule.workspace';

/** What things on an engine are for. */
export type LabelledKind = 'stage' | 'helper' | 'rootfs' | 'input' | 'pointer' | 'build';

/** The name of a run on an engine, and who of the others still lives. */
export interface RunOwner {
  /** Stands on the label of everything that must not outlive the run. */
  readonly text: string;
  /** The machine that the run is on. */
  readonly machine: string;
  /** Whether the run of another label is over for certain. */
  readonly isDead: (text: string) => Promise<boolean>;
}

/** A filter for the engine's lists: things of a kind. */
export function ofKind(kind: LabelledKind): {label: string[]} {
  return {label: [`${kindLabel}=${kind}`]};
}
