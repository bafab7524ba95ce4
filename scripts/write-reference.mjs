// Writes docs/commands.md from the option parser of the compiled command. `npm run docs` compiles it first.
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {makeProgram} from '../lib/cli/program.js';
import {renderReference} from '../lib/cli/reference.js';

const file = path.resolve(import.meta.dirname, '../docs/commands.md');
writeFileSync(file, renderReference(await makeProgram(new AbortController().signal)));
