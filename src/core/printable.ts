/**
 * Characters that a terminal interprets, that change the order of display, or that nobody sees: controls (C0 but line
 * ends, DEL, C1), format characters (bidirectional, zero-width, tags), and halves of surrogate pairs.
 */
const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes untrusted text safe for a terminal. Keeps line ends. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) =>
    character === '\t' ? '  ' : escaped(character),
  );
}

/** The same for text on one line, such as a name. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

/** A value as JSON in which these characters are escaped too, so that it is safe for a terminal. */
export function printableJson(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
  indentation?: number,
): string {
  // Left of them are those that JSON allows inside strings; line ends are its own.
  return JSON.stringify(value, replacer, indentation).replaceAll(unprintable, escaped);
}

/** As in JSON: `\u001b`, two of them beyond U+FFFF. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
