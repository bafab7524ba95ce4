/** What a terminal would act upon, but for the end of a line, or show in another order than it stands. */
const unprintable = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text as it can be shown on a terminal: what comes from files may hold anything. Lines stay lines. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => {
    if (character === '\t') return '  ';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same for what is to stay on one line, such as a name. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
