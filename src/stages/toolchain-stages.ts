import type {Sha256} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import type {BuildContext} from '../core/target.js';
import type {SandboxStage} from '../graph/stage.js';
import {selectSource} from '../recipe/select-source.js';
import {pick} from './dependency-stage.js';
import type {Project} from './project.js';

/** The image whose compiler is the seed of the toolchain `bootstrap`. */
export const seedImage: StageId = 'rootfs/bootstrap';

/** The stage whose artifact is the toolchain. */
export const bootstrapToolchain: StageId = 'toolchain/llvm';
