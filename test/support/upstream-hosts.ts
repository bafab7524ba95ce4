import {execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {createServer as createProxy} from 'node:http';
import {createServer} from 'node:https';
import {connect, type AddressInfo, type Server} from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Hosts of upstream's, played by this process. */
export interface UpstreamHosts extends AsyncDisposable {
  /** What a command needs to reach these hosts in place of the Internet. */
  readonly environment: NodeJS.ProcessEnv;
  /** URLs that were asked for, in order. */
  readonly requests: readonly string[];
}

/** An environment in which no https host answers. */
export const noUpstream: NodeJS.ProcessEnv = proxyEnvironment('http://127.0.0.1:1');

/** Answers on https for these hosts, with files by their URLs; commands reach them through a proxy. */
export async function startUpstream(
  hosts: readonly string[],
  files: ReadonlyMap<string, Buffer>,
): Promise<UpstreamHosts> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'upstream-'));
  const names = hosts.map((host) => `DNS:${host}`).join();
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const output = ['-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'certificate.pem'];
  const subject = ['-subj', '/CN=upstream', '-addext', `subjectAltName=${names}`];
  execFileSync('openssl', [...request, ...output, ...subject], {cwd: folder, stdio: 'ignore'});
  const read = (name: string) => readFile(path.join(folder, name));
  const requests: string[] = [];
  const secure = createServer(
    {key: await read('key.pem'), cert: await read('certificate.pem')},
    ({headers, url = ''}, response) => {
      const asked = `https://${headers.host ?? ''}${url}`;
      requests.push(asked);
      const bytes = files.get(asked);
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    },
  );
  const proxy = createProxy().on('connect', (_request, socket) => {
    const tunnel = connect((secure.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    for (const end of [tunnel, socket]) {
      end.on('error', () => [tunnel, socket].forEach((each) => each.destroy()));
    }
  });
  for (const server of [secure, proxy] as readonly Server[]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return {
    requests,
    environment: {
      ...proxyEnvironment(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`),
      NODE_EXTRA_CA_CERTS: path.join(folder, 'certificate.pem'),
    },
    async [Symbol.asyncDispose]() {
      for (const server of [secure, proxy]) {
        server.close();
        server.closeAllConnections();
      }
      await rm(folder, {recursive: true});
    },
  };
}

function proxyEnvironment(proxy: string): NodeJS.ProcessEnv {
  return {HTTPS_PROXY: proxy, https_proxy: proxy, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1'};
}
