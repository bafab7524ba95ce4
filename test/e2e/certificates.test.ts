import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import type {Certificates, TrustLayout} from '../support/archive/certificates.js';
import {
  makeCertificates,
  placeCertificates,
  placeServer,
  trustLayouts,
} from '../support/archive/certificates.js';
import type {Distribution} from '../support/archive/distribution.js';
import {unpackAndMove} from '../support/archive/distribution.js';
import {makeSmallRoot} from '../support/archive/small-root.js';
import type {SmallRoot} from '../support/archive/small-root.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** Connects to a server of its own on the loopback interface, trusting what the system trusts. */
const connect = `
import json, socket, ssl, threading
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain("/server/chain.pem", "/server/key.pem")
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    try:
        with listener.accept()[0] as accepted, server.wrap_socket(accepted, server_side=True) as connection:
            connection.sendall(b"hello")
    except OSError:
        pass  # the client did not trust us
serving = threading.Thread(target=serve)
serving.start()
context = ssl.create_default_context()
loaded = [dict(pair for part in each["subject"] for pair in part)["commonName"] for each in context.get_ca_certs()]
try:
    with socket.create_connection(listener.getsockname()) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as client:
            answer = client.recv(5).decode()
except ssl.SSLCertVerificationError as error:
    answer = error.verify_message
serving.join()
listener.close()
paths = ssl.get_default_verify_paths()
print(json.dumps({"answer": answer, "cafile": paths.cafile, "capath": paths.capath, "loaded": sorted(loaded)}))
`;

interface Answer {
  readonly answer: string;
  readonly cafile: string | null;
  readonly capath: string | null;
  /** The names of the authorities that were read at once, rather than when they are needed. */
  readonly loaded: readonly string[];
}

const refusal = 'unable to get local issuer certificate';

describe.each(archiveCases())('%s trusts what the system trusts', (_title, pair) => {
  let scratch: string;
  let distribution: Distribution;
  let certificates: Certificates;

  beforeAll(async () => {
    scratch = await makeScratch();
    distribution = await unpackAndMove(scratch, pair);
    await mkdir(path.join(scratch, 'certificates'));
    certificates = await makeCertificates(path.join(scratch, 'certificates'));
  });

  afterAll(() => removeScratch(scratch));

  const roots = new Map<string, SmallRoot>();

  /** A root that keeps its certificates in this way. It is made once. */
  async function rootOf(layout: TrustLayout): Promise<SmallRoot> {
    const known = roots.get(layout.system);
    if (known !== undefined) return known;
    const place = path.join(scratch, `root ${roots.size}`);
    const root = await makeSmallRoot(place, distribution, '/opt/python');
    await placeServer(place, certificates);
    await placeCertificates(place, layout, certificates);
    roots.set(layout.system, root);
    return root;
  }

  async function connectIn(
    layout: TrustLayout,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const root = await rootOf(layout);
    const {exit, stdout, stderr} = await root.run('/opt/python/bin/python3', ['-c', connect], {
      env,
    });
    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    return JSON.parse(stdout) as Answer;
  }

  const nowhere: TrustLayout = {system: 'nowhere', cafile: null, capath: null};

  it('and nothing where it trusts nobody', async () => {
    const answer = await connectIn(nowhere);
    expect(answer).toEqual({answer: refusal, cafile: null, capath: null, loaded: []});
  });

  describe.each(trustLayouts.map((layout) => [layout.system, layout] as const))(
    'on %s',
    (_system, layout) => {
      it('and says where it found it', async () => {
        const {answer, cafile, capath, loaded} = await connectIn(layout);

        expect(answer).toBe('hello');
        expect({cafile, capath}).toEqual({cafile: layout.cafile, capath: layout.capath});
        expect(loaded).toEqual(layout.cafile === null ? [] : ['trusted', 'unrelated']);
      });

      it('but what SSL_CERT_FILE and SSL_CERT_DIR name when they are set', async () => {
        const variables = {SSL_CERT_FILE: '/server/unrelated.pem', SSL_CERT_DIR: '/server'};
        const answer = await connectIn(layout, variables);

        expect(answer).toEqual({
          answer: refusal,
          cafile: '/server/unrelated.pem',
          capath: '/server',
          loaded: ['unrelated'],
        });
      });

      it('and reads no bundle beside SSL_CERT_FILE', async () => {
        const answer = await connectIn(layout, {SSL_CERT_FILE: '/server/unrelated.pem'});

        expect(answer.loaded).toEqual(['unrelated']);
        expect(answer.cafile).toBe('/server/unrelated.pem');
        // OpenSSL's meaning of the variable: the folder /etc/ssl/certs is still searched.
        const isSearched = layout.hashFolders !== undefined;
        expect(answer.answer).toBe(isSearched ? 'hello' : refusal);
      });
    },
  );

  it('or what SSL_CERT_FILE names, where the system trusts nobody', async () => {
    const answer = await connectIn(nowhere, {SSL_CERT_FILE: '/server/trusted.pem'});
    expect(answer).toMatchObject({answer: 'hello', loaded: ['trusted']});
  });

  it('or what SSL_CERT_DIR names, where the system trusts nobody', async () => {
    const answer = await connectIn(nowhere, {SSL_CERT_DIR: '/server/by-hash'});
    expect(answer).toMatchObject({answer: 'hello', capath: '/server/by-hash', loaded: []});
  });
});
