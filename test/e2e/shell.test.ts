import path from 'node:path';
import {describe, it} from 'vitest';
import {startOnTerminal} from '../support/terminal.js';

const main = path.resolve(import.meta.dirname, '../../lib/cli/main.js');

describe('ampoule shell in the real build image', () => {
  it("recalls the stage's command and the lines of its script", async () => {
    const argv = [process.execPath, main, 'shell', 'dependency/zlib'];
    await using command = startOnTerminal(argv, process.env);
    await command.shows(/^dependency\/zlib\S* .*\$$/);

    command.type('\u001b[A');
    await command.shows(/\$ sh -eux \/src\/\.ampoule\/stage\.sh$/);
    command.type('\u001b[A');
    await command.shows(/\$ fi$/);

    command.type('\u0015exit\r');
    await command.ended;
  });

  it('lets nothing in the sandbox type into the terminal', async () => {
    const argv = [process.execPath, main, 'shell', 'dependency/zlib'];
    await using command = startOnTerminal(argv, process.env);
    await command.shows(/^dependency\/zlib\S* .*\$$/);

    // TIOCSTI
    command.type(`perl -e 'ioctl(STDIN, 0x5412, my $c = "x") or print "refused: $!\\n"'\r`);

    await command.shows(/^refused: Operation not permitted$/);
    command.type('exit\r');
    await command.ended;
  });
});
