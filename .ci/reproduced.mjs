// The libraries of a store against `.ci/reproduced`, which has their artifacts as another build made them, on another day:
//   node .ci/reproduced.mjs <store> <second store>   links those that are the same bytes into the second store, so that
//                                                    a second build makes the others only; fails for other bytes
//   node .ci/reproduced.mjs --record <store>         writes the list anew; commit it with the change of a recipe
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, linkSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const list = path.join(import.meta.dirname, 'reproduced');
const [first, second] = process.argv.slice(2);
if (first === '--record') {
  const lines = libraries(second).map(
    ({stage, resolvedKey, artifact}) => `${stage} ${resolvedKey} ${artifact}`,
  );
  writeFileSync(list, `${lines.sort().join('\n')}\n`);
} else {
  const recorded = new Map(
    readFileSync(list, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, key, artifact]) => [key, artifact]),
  );
  const found = libraries(first);
  const same = found.filter(({resolvedKey}) => recorded.has(resolvedKey));
  const differing = same.filter(
    ({resolvedKey, artifact}) => recorded.get(resolvedKey) !== artifact,
  );
  for (const {stage} of differing)
    process.stderr.write(`${stage}: other bytes than recorded, from equal inputs\n`);
  if (differing.length > 0) process.exit(1);
  for (const library of same) share(library, second);
  process.stdout.write(
    `${same.length} of ${found.length} libraries have the recorded bytes; the others are built again\n`,
  );
}

/** The newest records of the libraries in a store. */
function libraries(store) {
  const folder = path.join(store, 'v1/records/newest');
  return readdirSync(folder)
    .filter((name) => name.startsWith('dependency%2F'))
    .map((name) => ({name, ...JSON.parse(readFileSync(path.join(folder, name), 'utf8'))}));
}

/** Gives a library to the other store, with its records. */
function share({name, stageKey, resolvedKey, artifact}, store) {
  for (const [folder, file] of [
    ['newest', name],
    ['stage-key', `${stageKey}.json`],
    ['resolved-key', `${resolvedKey}.json`],
  ]) {
    const target = path.join(store, 'v1/records', folder, file);
    mkdirSync(path.dirname(target), {recursive: true});
    linkSync(path.join(first, 'v1/records', folder, file), target);
  }
  const target = path.join(store, 'v1/artifacts', artifact);
  if (existsSync(target)) return;
  mkdirSync(path.dirname(target), {recursive: true});
  const {status, stderr} = spawnSync('cp', [
    '--archive',
    '--link',
    path.join(first, 'v1/artifacts', artifact),
    target,
  ]);
  if (status !== 0) throw new Error(String(stderr));
}
