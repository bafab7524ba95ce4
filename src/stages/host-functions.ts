/** The names of the host functions. */
export const hostFunctionNames = {
  unpackImage: 'unpack-image',
  glibcFloor: 'glibc-floor',
  setupLocal: 'setup-local',
  distributionMetadata: 'distribution-metadata',
  validateArchive: 'validate-archive',
} as const;

/** The revision of each host function: part of the key of every stage that uses it. */
export type Revisions = Readonly<Record<keyof typeof hostFunctionNames, number>>;
