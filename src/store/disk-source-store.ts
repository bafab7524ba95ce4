import {access, rename} from 'node:fs/promises';
import path from 'node:path';
import type {Sha256} from '../core/digest.js';
import type {Source} from '../core/source.js';
import type {SourceSink} from '../core/source-store.js';

/** Pinned downloads in one folder, each under its sha256. */
export class DiskSourceStore implements SourceSink {
  constructor(private readonly folder: string) {}

  pathOf(digest: Sha256): string {
    return path.join(this.folder, digest);
  }

  async has(source: Source): Promise<boolean> {
    return access(this.pathOf(source.sha256)).then(
      () => true,
      () => false,
    );
  }

  temporaryPathFor(digest: Sha256): string {
    return path.join(this.folder, `${digest}.partial`);
  }

  async publish(digest: Sha256, temporaryPath: string): Promise<string> {
    await rename(temporaryPath, this.pathOf(digest));
    return this.pathOf(digest);
  }
}
