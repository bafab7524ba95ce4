// Loaded into a program under test with --import: writes the most memory that the process ever had, in KiB, to the file
// that is named by AMPOULE_TEST_PEAK. Counted for the program alone, unlike ru_maxrss, which begins with its parent's.
import {readFileSync, writeFileSync} from 'node:fs';
import {isMainThread} from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const status = readFileSync('/proc/self/status', 'utf8');
    writeFileSync(process.env['AMPOULE_TEST_PEAK'], /^VmHWM:\s*(\d+)/m.exec(status)[1]);
  });
}
