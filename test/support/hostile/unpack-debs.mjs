// Unpacks packages as the stage of an image does: unpack-debs.mjs <root> <kind> <usr> <package>...
// Ends with 1 and the error's code and message when they are refused. Started by `fork`, it answers such calls.
import path from 'node:path';
import {unpackImageFunction} from '../../../lib/debian/host-function.js';
import {serveCalls} from './serve-calls.mjs';

async function unpackDebs([outputPath, kind, usr, ...packages]) {
  const names = packages.map((file) => path.basename(file));
  try {
    const parameters = {
      ...{kind, usr, exclude: [], files: {}, links: {}, directories: []},
      packages: names.map((fileName) => ({name: fileName.split('_')[0], fileName})),
    };
    await unpackImageFunction.run(parameters, {
      sources: new Map(packages.map((file) => [path.basename(file), file])),
      inputs: new Map(),
      digests: new Map(),
      outputPath,
      log: () => undefined,
      signal: new AbortController().signal,
    });
  } catch (error) {
    process.stderr.write(`${error.code ?? 'defect'} ${error.message}\n`);
    process.exitCode = error.code === 'E_DEB' ? 1 : 70;
  }
}

if (process.send === undefined) await unpackDebs(process.argv.slice(2));
else serveCalls(unpackDebs);
