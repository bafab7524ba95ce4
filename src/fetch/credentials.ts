import {InputError} from '../core/errors.js';

/**
 * User name and password by origin, as the value of an Authorization header. They are taken out of an address where it
 * enters this program, so that no message, event or file can contain them.
 */
const byOrigin = new Map<string, string>();

/**
 * Takes the credentials out of an address, for requests to its origin. Returns the address without them.
 * @param origin where the address is from, for messages.
 * @throws InputError when it is no http address.
 */
export function takeCredentials(address: string, origin: string): string {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new InputError([
      `${origin}: expected an http or https address, found ${withoutCredentials(address)}.\n` +
        'In a user name or password, write special characters escaped: %2F for /, %23 for #, %3F for ?.',
    ]);
  }
  const url = new URL(address);
  if (url.username === '' && url.password === '') return address;
  const pair = [url.username, url.password].map(decoded).join(':');
  byOrigin.set(url.origin, `Basic ${Buffer.from(pair).toString('base64')}`);
  return address.replace(/^(\s*[^:]+:\/*)[^/?#\\]*@/, '$1');
}

/** The Authorization header for a request to this origin; `undefined` if it has none. */
export function authorizationFor(origin: string): string | undefined {
  return byOrigin.get(origin);
}

/** A text of somebody else, such as the target of a redirect, without credentials of addresses. */
export function redacted(text: string): string {
  return text.replaceAll(/(\/\/)[^\s/?#'"]*@/g, '$1');
}

/** For an address that cannot be understood: whatever stands before its last "@" may be a password. */
function withoutCredentials(address: string): string {
  return address.replace(/^(\s*[a-z]+:\/+)?.*@/is, '$1');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
