import {distance} from 'fastest-levenshtein';

const mostNames = 3;
/** More than these are another word. */
const mostEdits = 3;

/** The names that a mistyped word may stand for, the nearest first: at most three, none if all are too different. */
export function nearestNames(word: string, names: readonly string[]): readonly string[] {
  const limit = Math.min(mostEdits, Math.ceil(0.4 * word.length));
  return [...new Set(names)]
    .map((name) => ({name, edits: distance(word.toLowerCase(), name.toLowerCase())}))
    .filter(({name, edits}) => edits <= limit && edits < name.length)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, mostNames)
    .map(({name}) => name);
}

/** What a message adds about a mistyped word: ` Did you mean zlib?`; nothing if no name is near. */
export function didYouMean(word: string, names: readonly string[]): string {
  const nearest = nearestNames(word, names);
  return nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`;
}
