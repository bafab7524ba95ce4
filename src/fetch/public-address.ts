import {lookup as lookUp, type LookupAddress} from 'node:dns';
import {BlockList, isIP, type LookupFunction} from 'node:net';

/** Networks that the Internet does not route: of this machine, of its surroundings, and for special uses. */
const notPublic = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, bits, 'ipv6');
}

/** IPv6 networks whose addresses stand for IPv4 addresses: NAT64 at the end, 6to4 after the first 16 bits. */
const translated = new BlockList();
translated.addSubnet('64:ff9b::', 96, 'ipv6');
const tunnelled = new BlockList();
tunnelled.addSubnet('2002::', 16, 'ipv6');

/** Whether an address, `192.0.2.1` or `2001:db8::1`, can be reached from anywhere. IPv4 inside IPv6 counts as IPv4. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !notPublic.check(address, 'ipv4');
  const groups = groupsOf(address);
  const v4 = (high: number, low: number): string =>
    [high >> 8, high & 255, low >> 8, low & 255].join('.');
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return isPublicAddress(v4(groups[6] ?? 0, groups[7] ?? 0));
  }
  if (translated.check(address, 'ipv6')) {
    return isPublicAddress(v4(groups[6] ?? 0, groups[7] ?? 0));
  }
  if (tunnelled.check(address, 'ipv6')) {
    return isPublicAddress(v4(groups[1] ?? 0, groups[2] ?? 0));
  }
  return !notPublic.check(address, 'ipv6');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // A URL writes them all in hexadecimal.
  const [plain = ''] = address.split('%');
  const [start = '', end] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const head = parse(start);
  const tail = parse(end ?? '');
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** The address if the host of a URL is one, otherwise `undefined`. */
export function addressOfHost(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}

/**
 * Looks up the addresses of a host when a connection to it is made, so that no other answer can come in between.
 * @param choose which of them may be used; throws to refuse the host.
 */
export function lookupThat(
  choose: (hostname: string, addresses: readonly LookupAddress[]) => readonly LookupAddress[],
): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, {...options, all: true}, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      try {
        const chosen = choose(hostname, addresses);
        const [first] = chosen;
        if (options.all === true) callback(null, [...chosen]);
        else callback(null, first?.address ?? '', first?.family);
      } catch (refusal) {
        callback(refusal as Error, []);
      }
    });
  };
}
