/** One paragraph of a Debian control file: values by field name in lower case, continuation lines joined by newlines. */
export type ControlParagraph = ReadonlyMap<string, string>;

/** Reads the paragraphs of a control file: `Packages`, `Release`, a `.sources` file of apt. */
export function* parseControl(text: string): Generator<ControlParagraph> {
  for (const block of text.split(/\n(?:[ \t]*\n)+/)) {
    const paragraph = parseParagraph(block);
    if (paragraph.size > 0) yield paragraph;
  }
}

function parseParagraph(block: string): ControlParagraph {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('#')) continue;
    if (/^[ \t]/.test(line)) {
      if (current !== undefined) {
        const before = fields.get(current) ?? '';
        fields.set(current, before === '' ? line.trim() : `${before}\n${line.trim()}`);
      }
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    current = line.slice(0, colon).toLowerCase();
    fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}
