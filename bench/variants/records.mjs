// The records of what was built and tested: docs/results/<variant>.yaml, one for each variant.
import {mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {parse, stringify} from 'yaml';

const folder = path.resolve(import.meta.dirname, '../../docs/results');
const head = '# Written by `npm run variants`. Do not change it by hand.\n';

/** `3.14-x86_64-unknown-linux-gnu-pgo+lto` */
export function recordName({series, target, options}) {
  return `${series}-${target}-${options}`;
}

/** The record of a variant; `undefined` if it was never built. */
export function readRecord(variant) {
  return readRecords().get(recordName(variant));
}

/** Every record, by its name. */
export function readRecords() {
  const records = new Map();
  for (const file of namesIn(folder)) {
    if (!file.endsWith('.yaml')) continue;
    const record = parse(readFileSync(path.join(folder, file), 'utf8'));
    const name = file.slice(0, -'.yaml'.length);
    const series = /^\d+\.\d+/.exec(record?.python)?.[0];
    if (recordName({...record, series}) !== name || !/^\d{4}-\d\d-\d\d$/.test(record?.date)) {
      throw new Error(
        `docs/results/${file} is not a record of ${name}: expected python, target, options and date.\n` +
          'Next: remove it, and run `npm run variants`.',
      );
    }
    records.set(name, record);
  }
  return records;
}

/** Writes the record of a variant, all of it or nothing. */
export function writeRecord(variant, record) {
  mkdirSync(folder, {recursive: true});
  const file = path.join(folder, `${recordName(variant)}.yaml`);
  writeFileSync(`${file}.${process.pid}`, head + stringify(record));
  renameSync(`${file}.${process.pid}`, file);
}

function namesIn(place) {
  try {
    return readdirSync(place).toSorted();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
