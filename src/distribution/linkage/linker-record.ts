import type {ExtractedMember} from './member-attribution.js';

/**
 * Reads the list of what the linker took out of static libraries, as lld's `--why-extract` writes it: a title line, then
 * `<who needs it> <archive>(<member>) <symbol>`, separated by tabs.
 */
export function parseLinkRecord(text: string): readonly ExtractedMember[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(.+\.a)\((.+)\)$/.exec(line.split('\t')[1] ?? '');
    const [, archive, name] = match ?? [];
    return archive === undefined || name === undefined ? [] : [{archive, name}];
  });
}
