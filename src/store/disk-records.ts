import {readdir} from 'node:fs/promises';
import path from 'node:path';
import type {ResolvedKey, StageKey} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import {
  readIfThere,
  stageFileName,
  writeWhole,
  type RecordIndex,
  type StoreLayout,
} from './layout.js';
import {parseStageRecord, renderStageRecord} from './stage-record.js';
import type {ContentStore, RecordStore, StageRecord} from './store.js';

/** The records of a store on disk, each a file under three names. */
export class DiskRecords implements RecordStore {
  /** @param onNotice notified of damaged records, which count as missing. */
  constructor(
    private readonly layout: StoreLayout,
    private readonly content: Pick<ContentStore, 'hasArtifact'>,
    private readonly onNotice: (message: string) => void,
  ) {}

  findByStageKey(key: StageKey): Promise<StageRecord | undefined> {
    return this.read('stage-key', key);
  }

  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined> {
    return this.read('resolved-key', key);
  }

  findNewest(stage: StageId): Promise<StageRecord | undefined> {
    return this.read('newest', stageFileName(stage));
  }

  /** Every record of a stage of this name, each under a different stage key. */
  async recordsOf(stage: StageId): Promise<readonly StageRecord[]> {
    const folder = this.layout.records['stage-key'];
    const texts = await Promise.all(
      (await readdir(folder)).map((name) => readIfThere(path.join(folder, name))),
    );
    return texts
      .flatMap((text) => parseStageRecord(text ?? '') ?? [])
      .filter((record) => record.stage === stage);
  }

  async record(record: StageRecord): Promise<void> {
    await this.write('stage-key', record.stageKey, record);
    await this.write('newest', stageFileName(record.stage), record);
    const first = await this.findByResolvedKey(record.resolvedKey);
    if (first !== undefined && (await this.content.hasArtifact(first.artifact))) return;
    await this.write('resolved-key', record.resolvedKey, record);
  }

  private async read(index: RecordIndex, name: string): Promise<StageRecord | undefined> {
    const text = await readIfThere(this.pathOf(index, name));
    if (text === undefined) return undefined;
    const record = parseStageRecord(text);
    if (record === undefined) {
      this.onNotice(`damaged  record ${index}/${name.slice(0, 12)}: it is written again`);
    }
    return record;
  }

  private write(index: RecordIndex, name: string, record: StageRecord): Promise<void> {
    return writeWhole(this.layout, this.pathOf(index, name), renderStageRecord(record));
  }

  private pathOf(index: RecordIndex, name: string): string {
    return path.join(this.layout.records[index], `${name}.json`);
  }
}
