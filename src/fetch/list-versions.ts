import {fillVersion, readVersion} from '../recipe/version.js';
import {compareDebianVersions} from '../debian/debian-version.js';
import {chunksOf, discard, redactedMessageOf, type HttpClient} from './http-client.js';

/** A page of upstream's that lists versions. */
export interface VersionListing {
  readonly url: string;
  /** What a link to a version ends in, with placeholders: `openssl-{version}`. */
  readonly link: string;
}

/** The versions that a page lists, or why it lists none. */
export type ListedVersions =
  | {readonly kind: 'listed'; readonly versions: readonly string[]}
  | {readonly kind: 'failed'; readonly reason: string};

/** A page that is longer is cut off. */
const maximumBytes = 4 << 20;
const wholeVersion = /\{(?:version|release|patch)(?::\d)?\}/;
const github = /^https:\/\/github\.com\/[^/]+\/[^/]+(?=\/)/;

/**
 * Where the versions are listed that the URL template of a recipe is for: the feed of tags of a repository on GitHub, else the
 * folder whose names have the whole version.
 * @returns `undefined` if the template has no version.
 */
export function listingOf(template: string, version: string): VersionListing | undefined {
  const parts = template.split('/');
  const index = parts.findIndex((part) => wholeVersion.test(part));
  const link = parts[index];
  if (link === undefined) return undefined;
  const repository = github.exec(template)?.[0];
  if (repository !== undefined) {
    return {url: `${repository}/tags.atom`, link: link.replace(/\.(?:tar\.\w+|tgz|zip)$/, '')};
  }
  const folder = fillVersion(parts.slice(0, index).join('/'), version);
  return folder === undefined ? undefined : {url: `${folder}/`, link};
}

/** Asks once for the versions of a listing. @throws the signal's reason. */
export async function listVersions(
  {url, link}: VersionListing,
  client: HttpClient,
  signal: AbortSignal,
): Promise<ListedVersions> {
  const page = await readPage(url, client, signal);
  if (page.kind === 'failed') return page;
  const versions = [
    ...page.text.matchAll(/href\s{0,9}=\s{0,9}["']([^"'?#]{1,500})["'?#]/gi),
  ].flatMap(([, target = '']) => readVersion(link, lastPart(target)) ?? []);
  if (versions.length === 0) return {kind: 'failed', reason: `${url} lists no ${link}`};
  return {kind: 'listed', versions: [...new Set(versions)].sort(compareDebianVersions)};
}

async function readPage(
  url: string,
  client: HttpClient,
  signal: AbortSignal,
): Promise<{readonly kind: 'read'; readonly text: string} | {kind: 'failed'; reason: string}> {
  try {
    const answer = await client.request(url, {signal});
    if (answer.statusCode !== 200) {
      await discard(answer.body);
      return {kind: 'failed', reason: `${url}: the server answered ${answer.statusCode}`};
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of chunksOf(answer.body, client.timeouts.slowest)) {
      chunks.push(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
      if (bytes > maximumBytes) break;
    }
    return {kind: 'read', text: Buffer.concat(chunks).toString()};
  } catch (error) {
    signal.throwIfAborted();
    return {
      kind: 'failed',
      reason: `${new URL(url).host} does not answer: ${redactedMessageOf(error)}`,
    };
  }
}

/** `v1.3.2` of `/madler/zlib/releases/tag/v1.3.2`, `3.14.7` of `3.14.7/`. */
function lastPart(target: string): string {
  const last = target.replace(/\/+$/, '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
