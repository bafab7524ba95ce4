/** Names a stage for people: `dependency/zlib`, `rootfs/build`. Unique within one build graph. */
export type StageId = string;
