import {binarySize, endOfTar, gnuLong, pax, rawTar, type RawMember} from './raw-tar.js';

/** What a hostile tar must come to where it is unpacked. */
export interface HostileTar {
  readonly bytes: Buffer;
  /** Whether there is no way to read on: a reader that only looks must refuse it too. */
  readonly isDamaged?: true;
}

/** The names of what every hostile tar is made of: where files go in a package or an archive. */
export interface TarPlace {
  /** A folder, without a slash at its end: `./usr`, `python/install`. */
  readonly folder: string;
  /** Absolute: a file outside that must not be written. */
  readonly outside: string;
}

const gibibyte = 1 << 30;

/** Tars that nobody may unpack, by what is wrong with them. */
export function hostileTars({folder, outside}: TarPlace): Readonly<Record<string, HostileTar>> {
  const file = (name: string, more: Partial<RawMember> = {}): RawMember => ({
    name: `${folder}/${name}`,
    content: 'evil',
    ...more,
  });
  const whole = (...members: readonly RawMember[]): HostileTar => ({
    bytes: Buffer.concat([rawTar(...members), endOfTar]),
  });
  const damaged = (...members: readonly RawMember[]): HostileTar => ({
    ...whole(...members),
    isDamaged: true,
  });
  const node = (type: string): RawMember => ({name: `${folder}/node`, type});
  const link = (name: string, target: string, type = '2'): RawMember => ({
    name: `${folder}/${name}`,
    type,
    link: target,
  });
  const above = '../'.repeat(30);
  return {
    'a name that climbs': whole(file(`${above}${outside.slice(1)}`)),
    'an absolute name': whole({name: outside, content: 'evil'}),
    'a name that climbs, in a pax record': whole(
      pax({path: `${folder}/${above}${outside.slice(1)}`}),
      file('x'),
    ),
    'a file through a link': whole(link('out', '/tmp'), file('out/evil')),
    'a file through a chain of links': whole(
      link('a', '..'),
      link('b', `a/${above}tmp`),
      file('b/evil'),
    ),
    'a hard link to a file outside': whole(link('x', '/etc/passwd', '1')),
    'a hard link that climbs': whole(link('x', `${folder}/${above}etc/passwd`, '1')),
    'a hard link through a link': whole(link('d', '/etc'), link('x', `${folder}/d/passwd`, '1')),
    'a character device': whole(node('3')),
    'a block device': whole(node('4')),
    'a pipe': whole(node('6')),
    'a member of a kind that nobody knows': whole(node('Z')),
    'a sparse file': whole(file('sparse', {type: 'S'})),
    'a file that stands in it twice': whole(file('x'), file('x', {content: 'other'})),
    'a folder that becomes a link': whole(
      {name: `${folder}/d/`, type: '5'},
      link('d', '/tmp'),
      file('d/evil'),
    ),
    'a file that becomes a folder': whole(file('d'), file('d/evil')),
    'a name with a zero in a pax record': whole(pax({path: `${folder}/a\0b`}), file('x')),
    'a name of 10,000 bytes, as pax': whole(
      pax({path: `${folder}/${'n'.repeat(10_000)}`}),
      file('x'),
    ),
    'a name of 10,000 bytes, as GNU': whole(gnuLong(`${folder}/${'n'.repeat(10_000)}`), file('x')),
    'a target of 10,000 bytes': whole(gnuLong('t/'.repeat(5_000), 'K'), link('x', 't')),
    '10,000 folders in one another': whole(gnuLong(`${folder}/${'d/'.repeat(10_000)}x`), file('x')),
    '2,000 folders in one another': whole(gnuLong(`${folder}/${'d/'.repeat(2_000)}x`), file('x')),
    'a claim of 10 GB': damaged(file('x', {size: binarySize(10_000_000_000n)})),
    'a claim of 8 GiB in octal': damaged(file('x', {size: 8 * gibibyte - 1})),
    'a claim of 8 EiB': damaged(file('x', {size: binarySize((1n << 63n) - 1n)})),
    'a negative size': damaged(file('x', {size: binarySize(-512n)})),
    'a size that is no number': damaged(file('x', {size: 'nonsense', content: ''})),
    'a size in a pax record beyond counting': damaged(pax({size: '9'.repeat(40)}), file('x')),
    'a negative size in a pax record': damaged(pax({size: '-5'}), file('x')),
    'a size in a pax record that is no number': damaged(pax({size: 'many'}), file('x')),
    'a pax header of 10 GB': damaged({name: 'pax', type: 'x', size: binarySize(10_000_000_000n)}),
    'a long name of 1 GiB': damaged({name: 'long', type: 'L', size: gibibyte}),
    'a damaged checksum': {
      bytes: Buffer.concat([Buffer.from('x'), rawTar(file('x')).subarray(1), endOfTar]),
      isDamaged: true,
    },
    'an end within a file': {bytes: rawTar(file('x', {size: 4096})), isDamaged: true},
    'an end within a header': {bytes: rawTar(file('x')).subarray(0, 700), isDamaged: true},
  };
}

/** Tars whose names and targets a terminal would act upon; some of them may be unpacked. */
export function loudTars({folder}: TarPlace): Readonly<Record<string, Buffer>> {
  const screen = '\u001b]0;evil\u0007\u001b[2J';
  const whole = (...members: readonly RawMember[]) => Buffer.concat([rawTar(...members), endOfTar]);
  return {
    'escape sequences in a refused name': whole({name: `${folder}/${screen}`, type: '6'}),
    'newlines in a refused name': whole({name: `${folder}/\nampoule: all is well`, type: '6'}),
    'escape sequences in a refused target': whole({
      name: `${folder}/x`,
      type: '1',
      link: `${screen}/x`,
    }),
    'bytes that are no UTF-8': whole({
      name: Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x9b, 0x32, 0x4a])]),
      content: 'x',
    }),
    'right-to-left marks in a refused name': whole({name: `${folder}/\u202egpj.x`, type: '6'}),
  };
}
