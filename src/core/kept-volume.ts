/** The file of a workspace that names the volume in which an engine keeps its `/build`. */
export const keptVolumeNote = 'build-volume';
