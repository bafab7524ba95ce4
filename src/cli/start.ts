import '../builder/v8-flags.js';
import {readFileSync} from 'node:fs';
import {nameOwnCommand} from '../core/own-command.js';
import {nameToType} from './name-to-type.js';

/** Enough for a build; loading this program opens many files at once. */
const wantedFiles = 256;
// Node has already raised the limit as far as it may.
const limits = readFileSync('/proc/self/limits', 'utf8');
const files = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
if (files < wantedFiles) {
  process.stderr.write(
    `ampoule: this process may open ${files} files at once, expected ${wantedFiles} or more\n` +
      'Next: ulimit -n 1024 (in a container: --ulimit nofile=1024)\n',
  );
  process.exit(2);
}

nameOwnCommand(nameToType());
const words = process.argv.slice(2);
const {runToEnd} = await import('./run-to-end.js');
await runToEnd(async (signal) => {
  if (['-V', '--version'].includes(words[0] ?? '')) {
    const {printVersion} = await import('./version.js');
    printVersion();
    return;
  }
  const {makeProgram} = await import('./program.js');
  const program = await makeProgram(signal, words);
  await program.parseAsync(await separated(process.argv));
});

/** Only of `develop` may arguments belong to another program. */
async function separated(argv: readonly string[]): Promise<readonly string[]> {
  if (words[0] !== 'develop') return argv;
  const {separateArguments} = await import('./develop/mode.js');
  return separateArguments(argv);
}
