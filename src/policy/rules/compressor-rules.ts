import type {ArchiveContents} from '../archive-contents.js';
import {maximumWindowBytes, type GzipFacts, type ZstdFacts} from '../compression-facts.js';
import {gzipFlavours, rule, zstdFlavours, expectedFound, type Offence, type Rule} from '../rule.js';

const unixSystem = 3;

/** Rules about the settings of zstd and gzip that the bytes show. */
export const compressorRules: readonly Rule[] = [
  zstdRule(
    'zstd-window',
    'The zstd window is at most 128 MiB, which readers accept by default.',
    (facts) =>
      facts.windowBytes <= maximumWindowBytes
        ? undefined
        : expectedFound(
            `a window of at most ${maximumWindowBytes} bytes`,
            String(facts.windowBytes),
          ),
  ),
  zstdRule('zstd-checksum', 'The zstd frame carries a checksum of its content.', (facts) =>
    facts.hasChecksum ? undefined : expectedFound('a frame with a checksum', 'one without'),
  ),
  zstdRule('zstd-content-size', 'The zstd frame tells the size of its content.', (facts) =>
    facts.contentBytes === undefined ? 'expected the size of the content in the header' : undefined,
  ),
  zstdRule('zstd-dictionary', 'The zstd frame needs no dictionary.', (facts) =>
    facts.hasDictionary ? expectedFound('a frame without a dictionary', 'one with') : undefined,
  ),
  zstdRule('zstd-single-frame', 'The archive is one zstd frame and nothing else.', (facts) =>
    facts.trailingBytes === 0
      ? undefined
      : expectedFound('nothing behind the first frame', `${facts.trailingBytes} bytes`),
  ),
  gzipRule(
    'gzip-plain-header',
    'The gzip header has no file name, no comment, no extra field.',
    (facts) => (facts.flags === 0 ? undefined : expectedFound('flags 0', String(facts.flags))),
  ),
  gzipRule('gzip-no-time', 'The gzip header has no time.', (facts) =>
    facts.mtimeSeconds === 0 ? undefined : expectedFound('time 0', String(facts.mtimeSeconds)),
  ),
  gzipRule('gzip-system', 'The gzip header names Unix as the system.', (facts) =>
    facts.system === unixSystem ? undefined : expectedFound('system 3', String(facts.system)),
  ),
  gzipRule(
    'gzip-single-member',
    'The archive is one gzip member and nothing else.',
    (facts, {members}) => {
      // Two empty blocks end a tar; GNU tar fills it up to 20 of them. Every pax header takes some more.
      const least = members.reduce((sum, {sizeBytes}) => sum + 512 + padded(sizeBytes), 1024);
      const most = least + 20 * 512 + members.reduce((sum, {pax}) => sum + pax.length * 2048, 0);
      return facts.contentBytes >= least % 2 ** 32 && facts.contentBytes <= most
        ? undefined
        : expectedFound(
            `a last member with the whole tar (${least} bytes)`,
            `${facts.contentBytes} bytes`,
          );
    },
  ),
];

function padded(bytes: number): number {
  return Math.ceil(bytes / 512) * 512;
}

function zstdRule(
  id: string,
  demand: string,
  problem: (facts: ZstdFacts) => string | undefined,
): Rule {
  return rule(
    id,
    demand,
    (archive) =>
      archive.compression.kind === 'zstd' ? whole(archive, problem(archive.compression)) : [],
    zstdFlavours,
  );
}

function gzipRule(
  id: string,
  demand: string,
  problem: (facts: GzipFacts, archive: ArchiveContents) => string | undefined,
): Rule {
  return rule(
    id,
    demand,
    (archive) =>
      archive.compression.kind === 'gzip'
        ? whole(archive, problem(archive.compression, archive))
        : [],
    gzipFlavours,
  );
}

function whole(archive: ArchiveContents, message: string | undefined): readonly Offence[] {
  return message === undefined ? [] : [{path: archive.fileName, message}];
}
