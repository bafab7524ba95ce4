/** One object file of a static library. */
export interface LibraryMember {
  readonly name: string;
  readonly content: Buffer;
}

const magic = '!<arch>\n';
const headerBytes = 60;

/**
 * The object files of a static library in GNU's or BSD's format, without the symbol index; `undefined` for other bytes
 * and for a library that is damaged.
 */
export function readStaticLibrary(bytes: Buffer): readonly LibraryMember[] | undefined {
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  const members: LibraryMember[] = [];
  let longNames = '';
  for (let at = magic.length; at < bytes.length;) {
    const header = bytes.toString('latin1', at, at + headerBytes);
    const size = Number(header.slice(48, 58).trim());
    const start = at + headerBytes;
    if (header.slice(58) !== '`\n' || !Number.isInteger(size) || start + size > bytes.length) {
      return undefined;
    }
    const content = bytes.subarray(start, start + size);
    const field = header.slice(0, 16).trimEnd();
    if (field === '//') longNames = content.toString('latin1');
    else if (field !== '/' && field !== '/SYM64/') members.push(named(field, content, longNames));
    at = start + size + (size % 2);
  }
  return members.filter(({name}) => !name.startsWith('__.SYMDEF'));
}

function named(field: string, content: Buffer, longNames: string): LibraryMember {
  const inTable = /^\/(\d+)$/.exec(field)?.[1];
  if (inTable !== undefined) {
    const name = longNames.slice(Number(inTable)).split('\n', 1)[0] ?? '';
    return {name: name.replace(/\/$/, ''), content};
  }
  const before = /^#1\/(\d+)$/.exec(field)?.[1];
  if (before !== undefined) {
    const length = Number(before);
    const name = content.toString('latin1', 0, length).replace(/\0+$/, '');
    return {name, content: content.subarray(length)};
  }
  return {name: field.replace(/\/$/, ''), content};
}
