import {expectedExtensions} from '../../../src/policy/extension-set.js';
import {
  writeGzip,
  writeStaticLibrary,
  writeTar,
  writeZstd,
  type GzipSettings,
  type TarMember,
  type ZstdSettings,
} from './archive-writer.js';
import {writeElf, type ElfShape} from './elf-writer.js';
import {
  configC,
  distributionRecord,
  dynamicPath,
  libraryShape,
  moduleShape,
  programShape,
  pythonJson,
  sampleIdentity,
  sysconfigVariables,
  type SamplePythonJson,
  type SampleRecord,
} from './sample-parts.js';

/** The flavours of a sample. */
export type SampleFlavour = 'full' | 'install_only' | 'install_only_stripped';

/** A member of a static library in the making. */
export interface SampleObject {
  name: string;
  shape: ElfShape | string;
  mtime?: number;
}

/** Content that is written only at the end, so that it can still be changed. */
export type SampleContent =
  | {kind: 'text'; text: string | Buffer}
  | {kind: 'json'; value: unknown}
  | {kind: 'elf'; shape: ElfShape}
  | {kind: 'library'; members: SampleObject[]; hasIndex: boolean};

/** A file or link of a sample. */
export interface SampleEntry {
  content: SampleContent;
  linkTarget?: string;
  mode?: number;
  /** Wrong fields of the tar header. */
  header?: Partial<TarMember>;
}

const {prefix, standardLibrary, dateTag, mtimeSeconds} = sampleIdentity;

/** A small archive that keeps every rule, made of parts that can be broken before it is written. */
export class SampleArchive {
  readonly entries = new Map<string, SampleEntry>();
  readonly json: SamplePythonJson = pythonJson();
  readonly record: SampleRecord = distributionRecord();
  readonly program = programShape();
  readonly library = libraryShape();
  readonly variables = sysconfigVariables();
  /** `_sysconfig_vars` where it is to differ from `variables`. */
  readonly jsonVariables: Record<string, string | number> = {};
  readonly gzip: GzipSettings = {};
  readonly zstd: ZstdSettings = {};
  python = '3.14.7';
  targetTriple = 'x86_64-unknown-linux-gnu';
  dateTag: string = dateTag;
  options = 'noopt';
  fileName: string | undefined;
  mtimeSeconds = mtimeSeconds;
  inittab = configC();
  /** Written instead of `json`. */
  pythonJsonText: string | undefined;
  hasOrder = true;
  isPythonJsonFirst = true;
  /** Members of paths that are there already. */
  readonly further: TarMember[] = [];

  constructor(readonly flavour: SampleFlavour) {
    this.addBuild();
    this.addInstall();
    if (flavour !== 'full') this.reduce();
    if (flavour === 'install_only_stripped') this.strip();
  }

  /** The prefix in this flavour: `python/install` or `python`. */
  get prefix(): string {
    return this.flavour === 'full' ? prefix : 'python';
  }

  get standardLibrary(): string {
    return standardLibrary.replace(prefix, this.prefix);
  }

  text(path: string, text: string | Buffer, mode = 0o644): void {
    this.entries.set(path, {content: {kind: 'text', text}, mode});
  }

  link(path: string, linkTarget: string): void {
    this.entries.set(path, {content: {kind: 'text', text: ''}, linkTarget, mode: 0o777});
  }

  elf(path: string, shape: ElfShape, mode = 0o755): void {
    this.entries.set(path, {content: {kind: 'elf', shape}, mode});
  }

  /** An entry that is there. */
  entry(path: string): SampleEntry {
    const entry = this.entries.get(path);
    if (entry === undefined) throw new Error(`the sample has no ${path}`);
    return entry;
  }

  /** The ELF file at a path. */
  shape(path: string): ElfShape {
    const {content} = this.entry(path);
    if (content.kind !== 'elf') throw new Error(`${path} is no ELF file`);
    return content.shape;
  }

  remove(path: string): void {
    if (!this.entries.delete(path)) throw new Error(`the sample has no ${path}`);
  }

  /** The archive's name and bytes. */
  write(): {readonly fileName: string; readonly bytes: Buffer} {
    const members = [...this.entries].map(([path, entry]): TarMember => {
      const {linkTarget, mode = 0o644, header = {}} = entry;
      return {
        path,
        content: this.contentBytes(entry.content),
        mode,
        mtimeSeconds: this.mtimeSeconds,
        ...(linkTarget === undefined ? {} : {linkTarget}),
        ...header,
      };
    });
    const rank = ({path}: TarMember) =>
      path !== 'python/PYTHON.json' ? path : this.isPythonJsonFirst ? '' : '~';
    const all = [...members, ...this.further].toSorted((left, right) =>
      rank(left) < rank(right) ? -1 : rank(left) > rank(right) ? 1 : 0,
    );
    const [first, second, ...rest] = all;
    if (!this.hasOrder && first !== undefined && second !== undefined) {
      all.splice(
        0,
        all.length,
        ...(this.flavour === 'full' ? [first, ...rest, second] : [second, first, ...rest]),
      );
    }
    const tar = writeTar(all);
    const isFull = this.flavour === 'full';
    const kind = isFull ? `${this.options}-full.tar.zst` : `${this.flavour}.tar.gz`;
    return {
      fileName:
        this.fileName ?? `cpython-${this.python}+${this.dateTag}-${this.targetTriple}-${kind}`,
      bytes: isFull ? writeZstd(tar, this.zstd) : writeGzip(tar, this.gzip),
    };
  }

  private contentBytes(content: SampleContent): Buffer {
    switch (content.kind) {
      case 'text':
        return Buffer.from(this.filled(content.text));
      case 'json':
        return Buffer.from(JSON.stringify(content.value, undefined, 4));
      case 'elf':
        return writeElf(content.shape);
      case 'library':
        return writeStaticLibrary(
          content.members.map(({name, shape, mtime = 0}) => ({
            name,
            mtime,
            content: typeof shape === 'string' ? Buffer.from(shape) : writeElf(shape),
          })),
          content.hasIndex,
        );
    }
  }

  /** Texts that stand for what may still change. */
  private filled(text: string | Buffer): string | Buffer {
    const values = this.variables;
    switch (text) {
      case '{config.c}':
        return this.inittab;
      case '{PYTHON.json}':
        return this.pythonJsonText ?? JSON.stringify(this.json, undefined, 4);
      case '{sysconfigdata}': {
        const lines = Object.entries(values).map(
          ([key, value]) => `    '${key}': ${typeof value === 'number' ? value : `'${value}'`},\n`,
        );
        return `# system configuration generated and used by the sysconfig module\nbuild_time_vars = {\n${lines.join('')}}\n`;
      }
      case '{sysconfig_vars}':
        return JSON.stringify({...values, ...this.jsonVariables});
      default:
        return text;
    }
  }

  private addBuild(): void {
    this.text('python/PYTHON.json', '{PYTHON.json}');
    this.text('python/build/Modules/config.c', '{config.c}');
    this.text('python/build/run_tests.py', '#!/usr/bin/env python3\n');
    for (const path of ['Modules/config.o', 'Modules/modules.o', 'Objects/object.o']) {
      this.elf(`python/build/${path}`, {kind: 'object'}, 0o644);
    }
    this.entries.set('python/build/lib/libz.a', {
      content: {
        kind: 'library',
        hasIndex: true,
        members: [
          {name: 'inflate.o', shape: {kind: 'object', symbols: [{name: 'memcpy'}]}},
          {name: 'a_member_with_a_name_that_is_longer_than_a_header.o', shape: {kind: 'object'}},
        ],
      },
    });
    for (const name of ['cpython', 'zlib']) {
      this.text(
        `python/licenses/LICENSE.${name}.txt`,
        `The terms of ${name}, ©: do as you like.\n`,
      );
    }
  }

  private addInstall(): void {
    const bin = `${prefix}/bin`;
    this.link(`${bin}/python`, 'python3.14');
    this.link(`${bin}/python3`, 'python3.14');
    this.elf(`${bin}/python3.14`, this.program);
    this.text(`${bin}/pip3`, '#!/bin/sh\nexec true\n', 0o755);
    for (const name of ['Python.h', 'pyconfig.h', 'patchlevel.h']) {
      this.text(`${prefix}/include/python3.14/${name}`, '/* */\n');
    }
    this.elf(`${prefix}/lib/libpython3.14.so.1.0`, this.library);
    this.link(`${prefix}/lib/libpython3.14.so`, 'libpython3.14.so.1.0');
    this.elf(`${prefix}/lib/libpython3.so`, moduleShape('libpython3.so'));
    this.text(`${prefix}/lib/pkgconfig/python-3.14.pc`, 'prefix="${pcfiledir}/../.."\n');
    this.addStandardLibrary();
    const share = `${prefix}/share`;
    this.text(`${share}/terminfo/x/xterm-256color`, 'x');
    this.text(`${share}/terminfo/l/linux`, 'x');
    this.entries.set(`${share}/ampoule/distribution.json`, {
      content: {kind: 'json', value: this.record},
    });
    this.text(
      `${share}/ampoule/NOTICE`,
      'licenses/LICENSE.cpython.txt\nlicenses/LICENSE.zlib.txt\n',
    );
    for (const name of ['cpython', 'zlib']) {
      const {content} = this.entry(`python/licenses/LICENSE.${name}.txt`);
      this.entries.set(`${share}/ampoule/licenses/LICENSE.${name}.txt`, {content});
    }
  }

  private addStandardLibrary(): void {
    for (const name of [
      'os.py',
      'site.py',
      'LICENSE.txt',
      'encodings/__init__.py',
      'ensurepip/_bundled/pip-26.1-py3-none-any.whl',
      'site-packages/pip/__init__.py',
      'test/__init__.py',
      'config-3.14-x86_64-linux-gnu/Makefile',
    ]) {
      this.text(`${standardLibrary}/${name}`, '#\n');
    }
    const {content} = this.entry('python/build/lib/libz.a');
    this.entries.set(`${standardLibrary}/config-3.14-x86_64-linux-gnu/libpython3.14.a`, {content});
    this.text(`${standardLibrary}/_sysconfigdata__linux_x86_64-linux-gnu.py`, '{sysconfigdata}');
    this.text(
      `${standardLibrary}/_sysconfig_vars__linux_x86_64-linux-gnu.json`,
      '{sysconfig_vars}',
    );
    this.entries.set(`${standardLibrary}/build-details.json`, {
      content: {kind: 'json', value: {base_prefix: '../..'}},
    });
    for (const {name, isShared} of expectedExtensions('3.14')) {
      if (isShared) this.elf(`${prefix}/${dynamicPath(name)}`, moduleShape());
    }
  }

  private reduce(): void {
    const testModules = expectedExtensions('3.14').filter(({isForTests}) => isForTests);
    const left = [...this.entries].filter(
      ([path]) =>
        path.startsWith(`${prefix}/`) &&
        !path.endsWith('/libpython3.14.a') &&
        !path.startsWith(`${standardLibrary}/test/`) &&
        !testModules.some(({name}) => path.includes(`/lib-dynload/${name}.`)),
    );
    this.entries.clear();
    for (const [path, entry] of left) this.entries.set(path.replace(prefix, 'python'), entry);
  }

  private strip(): void {
    for (const {content} of this.entries.values()) {
      if (content.kind === 'elf') delete content.shape.sections;
    }
  }
}
