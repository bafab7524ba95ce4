import type {Dispatcher} from 'undici';
import {InputError} from '../core/errors.js';
import {authorizationFor, redacted} from './credentials.js';
import {addressOfHost, isPublicAddress, lookupThat} from './public-address.js';

/** Timeouts of a request, in milliseconds. */
export interface HttpTimeouts {
  readonly connectTimeoutMs: number;
  /** Without a header or a byte of the body. */
  readonly stallTimeoutMs: number;
  /** The minimum speed of a body; not limited by default. */
  readonly slowest?: SlowestBody;
}

/** A body that delivers fewer bytes than this within the time is aborted. */
export interface SlowestBody {
  readonly bytes: number;
  readonly withinMs: number;
}

/** The body arrives too slowly. */
export class SlowBodyError extends Error {
  override readonly name = 'SlowBodyError';
}

/** Streams the chunks of a body. @throws SlowBodyError if it is too slow, and what the body throws. */
export async function* chunksOf(
  body: HttpAnswer['body'],
  slowest: SlowestBody | undefined,
): AsyncGenerator {
  let received = 0;
  const timer =
    slowest &&
    setInterval(() => {
      if (received < slowest.bytes) {
        const seconds = Math.ceil(slowest.withinMs / 1000);
        body.destroy(new SlowBodyError(`only ${received} bytes came in ${seconds} s`));
      }
      received = 0;
    }, slowest.withinMs);
  try {
    for await (const chunk of body) {
      if (chunk instanceof Uint8Array) received += chunk.length;
      yield chunk;
    }
  } finally {
    clearInterval(timer);
  }
}

/** A response with an unread body. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** The URL after redirects. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
}

/** One request, following redirects. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const maxRedirects = 8;
const redirectCodes: readonly number[] = [301, 302, 303, 307, 308];

/** Too many redirects, or a redirect to a place that this request must not reach. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
}

/** Whether a redirect may lead to any address, or only to public ones. */
type Reach = 'anywhere' | 'public';

/**
 * An HTTP client. Uses the proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name. Credentials go to the origin
 * that they are for. Loads its library on first use, because most runs download nothing.
 */
export class HttpClient {
  private readonly dispatchers = new Map<Reach, Promise<Dispatcher>>();
  /** Hosts that had a public address when a connection to them was made. */
  private readonly publicHosts = new Map<string, boolean>();

  constructor(
    readonly timeouts: HttpTimeouts,
    /** Used instead of own connections; stays open. */
    private readonly given?: Dispatcher,
  ) {}

  /** @throws what undici throws without a response, `RedirectError`, or the signal's reason. */
  async request(
    url: string,
    {method = 'GET', headers = {}, signal}: HttpRequest,
  ): Promise<HttpAnswer> {
    const {request} = await import('undici');
    let current = new URL(url);
    let reach: Reach = 'anywhere';
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const authorization = authorizationFor(current.origin);
      // The library restarts its timeout for each interim response (1xx), of which there may be any number.
      const silence = new AbortController();
      const timer = setTimeout(() => {
        silence.abort(new Error('only interim responses'));
      }, 2 * this.timeouts.stallTimeoutMs);
      const answer = await request(current, {
        method,
        headers: {...headers, ...(authorization !== undefined && {authorization})},
        signal: AbortSignal.any([signal, silence.signal]),
        dispatcher: await this.dispatcherFor(reach),
        headersTimeout: this.timeouts.stallTimeoutMs,
        bodyTimeout: this.timeouts.stallTimeoutMs,
      }).finally(() => clearTimeout(timer));
      const header = (name: string): string | undefined => {
        const value = answer.headers[name];
        return typeof value === 'string' ? value : value?.[0];
      };
      const location = header('location');
      if (!redirectCodes.includes(answer.statusCode) || location === undefined) {
        return {statusCode: answer.statusCode, url: current.href, header, body: answer.body};
      }
      await discard(answer.body);
      if (this.isPublic(current)) reach = 'public';
      current = resolveRedirect(current, location);
      const address = addressOfHost(current.hostname);
      if (reach === 'public' && address !== undefined) requirePublic(address, [address]);
    }
    throw new RedirectError(`more than ${maxRedirects} redirects`);
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.dispatchers.values()) {
      const dispatcher = await opened.catch(() => undefined);
      await dispatcher?.destroy();
    }
  }

  private dispatcherFor(reach: Reach): Promise<Dispatcher> {
    if (this.given !== undefined) return Promise.resolve(this.given);
    const known = this.dispatchers.get(reach) ?? this.open(reach);
    this.dispatchers.set(reach, known);
    return known;
  }

  private async open(reach: Reach): Promise<Dispatcher> {
    const {EnvHttpProxyAgent} = await import('undici');
    const lookup = lookupThat((hostname, found) => {
      const open = found.filter(({address}) => isPublicAddress(address));
      if (reach === 'public' && open.length === 0) {
        requirePublic(
          hostname,
          found.map(({address}) => address),
        );
      }
      this.publicHosts.set(hostname, open.length > 0);
      return reach === 'public' ? open : found;
    });
    try {
      return new EnvHttpProxyAgent({
        connect: {timeout: this.timeouts.connectTimeoutMs, lookup},
        // As curl does: a proxy may allow tunnels to port 443 only.
        proxyTunnel: false,
      });
    } catch (error) {
      throw new InputError([
        `HTTP_PROXY, HTTPS_PROXY: expected the address of a proxy, http://host:port (${redacted(redactedMessageOf(error))})`,
      ]);
    }
  }

  /** A name that a proxy has looked up counts as public. */
  private isPublic({hostname}: URL): boolean {
    const address = addressOfHost(hostname);
    if (address !== undefined) return isPublicAddress(address);
    return this.publicHosts.get(hostname) ?? true;
  }
}

/** Discards a body, or closes the connection if reading it would take long. */
export async function discard(body: HttpAnswer['body']): Promise<void> {
  await body.dump({limit: 1 << 16}).catch(() => undefined);
}

function resolveRedirect(current: URL, location: string): URL {
  const {href} = current;
  const target = URL.canParse(location, href) ? new URL(location, href) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw new RedirectError(`redirected to ${redacted(location)}, which is not an http address`);
  }
  // They would be those of somebody else.
  target.username = '';
  target.password = '';
  if (current.protocol === 'https:' && target.protocol === 'http:') {
    throw new RedirectError(`redirected from https to ${target.href}, which is not encrypted`);
  }
  return target;
}

function requirePublic(host: string, addresses: readonly string[]): void {
  if (addresses.some(isPublicAddress)) return;
  throw new RedirectError(
    `a public host redirected to ${host === addresses[0] ? '' : `${host}, `}${addresses.join(', ')}, an address of a private network`,
  );
}

/** A readable description: undici's messages are terse, and the reason of a refused connection is in the cause. */
export function redactedMessageOf(error: unknown): string {
  return redacted(describe(error));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(describe))].join(', ');
  }
  const cause = error.cause instanceof Error ? describe(error.cause) : undefined;
  return cause === undefined || cause === error.message
    ? error.message
    : `${error.message} (${cause})`;
}
