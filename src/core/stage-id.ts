/** A readable name of a stage: `dependency/zlib`, `rootfs/build`. Unique within a build graph. */
export type StageId = string;
