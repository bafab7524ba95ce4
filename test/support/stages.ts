import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {sha256} from '../../src/core/digest.js';
import type {HostFunction} from '../../src/core/host-function.js';
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

/** Leaves its parameters as a file. */
export const writeFunction: HostFunction = {
  name: 'write',
  revision: 1,
  run: (parameters, {outputPath}) =>
    writeFile(path.join(outputPath, 'text'), JSON.stringify(parameters)),
};

/** A host stage without inputs; override what a test is about. */
export function hostStage(id: string, overrides: Partial<HostStage> = {}): HostStage {
  return {
    kind: 'host',
    id,
    function: writeFunction,
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
