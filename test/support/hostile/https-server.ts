import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:https';
import os from 'node:os';
import path from 'node:path';
import type {Handler} from '../../integration/fetch/loopback-server.js';

/** An HTTPS server on this machine with a certificate of its own. */
export interface HttpsServer extends AsyncDisposable {
  /** `https://localhost:port` */
  readonly url: string;
  /** What a client needs in its environment to trust it. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts a server that answers every request with `handler`. The machine's openssl makes the certificate. */
export async function startHttpsServer(handler: Handler): Promise<HttpsServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ampoule-https-'));
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ],
    {stdio: 'pipe'},
  );
  const server = createServer({key: readFileSync(key), cert: readFileSync(certificate)}, handler);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://localhost:${address.port}`,
    environment: {NODE_EXTRA_CA_CERTS: certificate},
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        rmSync(folder, {recursive: true});
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
