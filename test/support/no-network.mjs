// Loaded into a command under test with --import: writes every attempt to reach a host to the file that is named by
// AMPOULE_TEST_CONNECTIONS, and refuses it.
import dns from 'node:dns';
import {appendFileSync} from 'node:fs';
import net from 'node:net';
import {syncBuiltinESMExports} from 'node:module';

const refuse =
  (what) =>
  (...given) => {
    appendFileSync(
      process.env['AMPOULE_TEST_CONNECTIONS'],
      `${what} ${JSON.stringify(given[0])}\n`,
    );
    throw new Error(`${what} was called`);
  };

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  // Builders of this machine see each other by sockets in the store.
  const isInStore = String([given[0]].flat()[0]?.path).startsWith('/proc/self/fd/');
  return isInStore ? connect.apply(this, given) : refuse('connect')(...given);
};
dns.lookup = refuse('lookup');
dns.promises.lookup = refuse('lookup');
syncBuiltinESMExports();
