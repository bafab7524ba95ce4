/** Requests each URL as a download does, with the credentials in it; prints what came back, as JSON. */
import {takeCredentials} from '../../../lib/fetch/credentials.js';
import {HttpClient, redactedMessageOf} from '../../../lib/fetch/http-client.js';

const {signal} = new AbortController();
const outcomes = [];
for (const given of process.argv.slice(2)) {
  const client = new HttpClient({connectTimeoutMs: 5000, stallTimeoutMs: 5000});
  try {
    const url = takeCredentials(given, 'test');
    const {statusCode, body} = await client.request(url, {signal});
    outcomes.push(`${statusCode} ${await body.text()}`);
  } catch (error) {
    outcomes.push(redactedMessageOf(error));
  }
  await client[Symbol.asyncDispose]();
}
process.stdout.write(JSON.stringify(outcomes));
