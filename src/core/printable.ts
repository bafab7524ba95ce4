/** Characters that a terminal would interpret, except line ends, or that change the order of display. */
const unprintable = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Makes untrusted text safe for a terminal. Keeps line ends. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => {
    if (character === '\t') return '  ';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same for text on one line, such as a name. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
