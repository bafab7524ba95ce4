#!/usr/bin/env node
import '../builder/v8-flags.js';
import {makeProgram} from './program.js';
import {runToEnd} from './run-to-end.js';

await runToEnd((signal) => makeProgram(signal).parseAsync(process.argv));
