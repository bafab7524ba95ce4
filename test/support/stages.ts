import {sha256} from '../../src/core/digest.js';
import type {Source} from '../../src/core/source.js';
import type {HostStage, SandboxStage} from '../../src/graph/stage.js';

/** A sandbox stage that needs nothing but its rootfs; override what a test is about. */
export function sandboxStage(id: string, overrides: Partial<SandboxStage> = {}): SandboxStage {
  return {
    kind: 'sandbox',
    id,
    rootfs: 'rootfs',
    mounts: [],
    sources: [],
    files: {},
    environment: {},
    script: `echo ${id} >/out/name`,
    ...overrides,
  };
}

/** A host stage without inputs; override what a test is about. */
export function hostStage(id: string, overrides: Partial<HostStage> = {}): HostStage {
  return {
    kind: 'host',
    id,
    function: 'write',
    revision: 1,
    parameters: {text: id},
    sources: [],
    inputs: {},
    ...overrides,
  };
}

/** A pinned source whose bytes are `text`. */
export function sourceOf(fileName: string, text: string): Source {
  return {fileName, sha256: sha256(text), sizeBytes: text.length, locations: []};
}
