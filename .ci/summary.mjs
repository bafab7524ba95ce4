// Adds up vitest's JSON reports in a folder and prints the one line that tells how many tests passed and failed.
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

const folder = process.argv[2] ?? '.';
const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
const sum = (field) => reports.reduce((total, report) => total + report[field], 0);
const failed = sum('numFailedTests');
console.log(`${sum('numPassedTests')} passed, ${failed} failed, ${sum('numPendingTests')} skipped`);
process.exit(failed === 0 && reports.length > 0 ? 0 : 1);
