/** Serves and requests redirects between a public and a private address; prints what became of each, as JSON. */
import {once} from 'node:events';
import {createServer} from 'node:http';
import {HttpClient} from '../../../lib/fetch/http-client.js';

const [publicAddress, ...chains] = process.argv.slice(2);

/** `/HOST/HOST/...` redirects to the first host with the rest of the path; `/` answers. */
const answer = (request, response) => {
  const [, host, ...rest] = request.url.split('/');
  if (host === '' || host === undefined) response.end(`reached ${request.headers.host}`);
  else {
    const {port} = request.socket.address();
    response.writeHead(302, {location: `http://${host}:${port}/${rest.join('/')}`}).end();
  }
};

const server = createServer(answer).listen(0, '0.0.0.0');
await once(server, 'listening');
const {port} = server.address();
const outcomes = {};
for (const chain of chains) {
  const client = new HttpClient({connectTimeoutMs: 5000, stallTimeoutMs: 5000});
  const [first, ...rest] = chain.replaceAll('PUBLIC', publicAddress).split('/');
  try {
    const {body} = await client.request(`http://${first}:${port}/${rest.join('/')}`, {
      signal: new AbortController().signal,
    });
    outcomes[chain] = (await body.text()).replace(`:${port}`, '');
  } catch (error) {
    outcomes[chain] = `${error.name}: ${error.message}`;
  }
  await client[Symbol.asyncDispose]();
}
server.close();
process.stdout.write(JSON.stringify(outcomes));
