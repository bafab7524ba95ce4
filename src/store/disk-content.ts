import {rename} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactDigest} from '../core/digest.js';
import {isThere} from '../files/is-there.js';
import {ignoreMissing, removeTree} from '../files/remove-tree.js';
import type {StoreLayout} from './layout.js';
import {ownerName} from './owner.js';
import type {BuildSpace, ContentStore} from './store.js';
import {normaliseTree, treeProblem, type TreeBounds} from './tree.js';

/** The artifacts of a store on disk, each a folder under the name of its digest. */
export class DiskContent implements ContentStore {
  /** The problem of an artifact, checked once per process. */
  private readonly problems = new Map<ArtifactDigest, Promise<string | undefined>>();

  constructor(
    private readonly layout: StoreLayout,
    private readonly withoutSweep: BuildSpace['withoutSweep'],
  ) {}

  async hasArtifact(digest: ArtifactDigest): Promise<boolean> {
    return isThere(this.pathOf(digest));
  }

  /** An artifact of this machine lies where it is read. */
  materialise(digest: ArtifactDigest): Promise<string> {
    return Promise.resolve(this.pathOf(digest));
  }

  async publish(
    directory: string,
    keep: (artifact: ArtifactDigest) => Promise<void> = () => Promise.resolve(),
    bounds: TreeBounds = {},
  ): Promise<ArtifactDigest> {
    const digest = await normaliseTree(directory, bounds);
    return this.withoutSweep(async () => {
      // The record first: after a crash in between, a record without an artifact counts as none. The other order would
      // leave an artifact without a record.
      await keep(digest);
      try {
        await rename(directory, this.pathOf(digest));
      } catch (error) {
        const {code} = error as NodeJS.ErrnoException;
        if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error;
        // Another builder published the same bytes: either copy is right unless it is damaged.
        if ((await treeProblem(this.pathOf(digest), digest)) === undefined) {
          await removeTree(directory);
        } else {
          await this.remove(digest);
          await rename(directory, this.pathOf(digest));
        }
      }
      this.problems.set(digest, Promise.resolve(undefined));
      return digest;
    });
  }

  discardIfDamaged(digest: ArtifactDigest, signal?: AbortSignal): Promise<string | undefined> {
    const known = this.problems.get(digest);
    if (known !== undefined) return known;
    const looking = this.discard(digest, signal);
    const forget = (): boolean => this.problems.delete(digest);
    looking.then((problem) => problem !== undefined && forget(), forget);
    this.problems.set(digest, looking);
    return looking;
  }

  private async discard(
    digest: ArtifactDigest,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const look = () => treeProblem(this.pathOf(digest), digest, signal);
    if ((await look()) === undefined) return undefined;
    return this.withoutSweep(async (lock) => {
      // Another builder may have found it too and rebuilt it.
      const problem = await look();
      if (problem !== undefined && (await lock.isHeld())) await this.remove(digest);
      return problem;
    });
  }

  /** Readers see all of it or nothing. */
  private async remove(digest: ArtifactDigest): Promise<void> {
    const aside = path.join(this.layout.tmp, `${await ownerName(this.layout.owners)}-${digest}`);
    await rename(this.pathOf(digest), aside).catch(ignoreMissing);
    // What cannot be removed is left to `store gc`.
    await removeTree(aside).catch(() => undefined);
  }

  private pathOf(digest: ArtifactDigest): string {
    return path.join(this.layout.artifacts, digest);
  }
}
