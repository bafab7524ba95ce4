/** The symbols of an object file that a test makes up. */
export interface ObjectSpec {
  readonly defined?: readonly string[];
  readonly wanted?: readonly string[];
  readonly wantedWeakly?: readonly string[];
}

/** A relocatable ELF file for x86-64 with nothing but a symbol table. */
export function objectFile({defined = [], wanted = [], wantedWeakly = []}: ObjectSpec): Buffer {
  const symbols = [
    ...defined.map((name) => ({name, binding: 1, section: 1})),
    ...wanted.map((name) => ({name, binding: 1, section: 0})),
    ...wantedWeakly.map((name) => ({name, binding: 2, section: 0})),
  ];
  let strings = '\0.symtab\0.strtab\0';
  const table = Buffer.alloc(24 * (symbols.length + 1));
  for (const [index, {name, binding, section}] of symbols.entries()) {
    const at = 24 * (index + 1);
    table.writeUInt32LE(strings.length, at);
    table.writeUInt8(binding << 4, at + 4);
    table.writeUInt16LE(section, at + 6);
    strings += `${name}\0`;
  }
  const text = Buffer.from(strings, 'latin1');
  const header = Buffer.alloc(64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(header);
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(BigInt(64 + table.length + text.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(3, 60);
  header.writeUInt16LE(2, 62);
  const sections = [
    Buffer.alloc(64),
    section({name: 1, type: 2, offset: 64, size: table.length, link: 2}),
    section({name: 9, type: 3, offset: 64 + table.length, size: text.length, link: 0}),
  ];
  return Buffer.concat([header, table, text, ...sections]);
}

function section(values: {
  readonly name: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(values.name, 0);
  header.writeUInt32LE(values.type, 4);
  header.writeBigUInt64LE(BigInt(values.offset), 24);
  header.writeBigUInt64LE(BigInt(values.size), 32);
  header.writeUInt32LE(values.link, 40);
  return header;
}

/** A static library as GNU ar writes it: a symbol table, a table of long names, the members. */
export function staticLibrary(members: Readonly<Record<string, Uint8Array>>): Buffer {
  let longNames = '';
  const files = Object.entries(members).map(([name, content]) => {
    if (name.length < 16) return member(`${name}/`, content);
    longNames += `${name}/\n`;
    return member(`/${longNames.length - name.length - 2}`, content);
  });
  const tables = [member('/', Buffer.alloc(4)), member('//', Buffer.from(longNames, 'latin1'))];
  return Buffer.concat([Buffer.from('!<arch>\n'), ...tables, ...files]);
}

function member(name: string, content: Uint8Array): Buffer {
  const fields = [name.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '644'.padEnd(8)];
  const header = `${fields.join('')}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([
    Buffer.from(header, 'latin1'),
    content,
    Buffer.from(content.length % 2 === 1 ? '\n' : ''),
  ]);
}
