import type {ExtractedMember} from './member-attribution.js';

/**
 * Reads the output of lld's `--why-extract`: a title line, then `<reference> <archive>(<member>) <symbol>`, separated
 * by tabs.
 */
export function parseLinkRecord(text: string): readonly ExtractedMember[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(.+\.a)\((.+)\)$/.exec(line.split('\t')[1] ?? '');
    const [, archive, name] = match ?? [];
    return archive === undefined || name === undefined ? [] : [{archive, name}];
  });
}
