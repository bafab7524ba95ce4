// Runs command lines of Ampoule one after the other in this one process, as each would run in a process of its own.
import {makeProgram} from '../../../lib/cli/program.js';
import {runToEnd} from '../../../lib/cli/run-to-end.js';
import {serveCalls} from './serve-calls.mjs';

serveCalls((argv) => {
  process.argv = [process.execPath, 'ampoule', ...argv];
  return runToEnd(async (signal) => (await makeProgram(signal)).parseAsync(process.argv));
});
