import {readFileSync, writeFileSync} from 'node:fs';
import process from 'node:process';

/**
 * Answers calls over the channel of `fork`, one after the other in this one process: takes {argv}, hands it to `run`, and
 * answers with {code, stdout, stderr, peakKibibytes}.
 */
export function serveCalls(run) {
  // Each call may add listeners of its own.
  for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);
  const told = {stdout: '', stderr: ''};
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text) => {
      told[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    };
  }
  process.on('message', async ({argv}) => {
    told.stdout = told.stderr = '';
    process.exitCode = 0;
    // The kernel forgets the highest memory so far.
    writeFileSync('/proc/self/clear_refs', '5');
    await run(argv);
    const status = readFileSync('/proc/self/status', 'utf8');
    const peakKibibytes = Number(/^VmHWM:\s*(\d+)/m.exec(status)[1]);
    process.send({...told, code: process.exitCode, peakKibibytes});
  });
}
