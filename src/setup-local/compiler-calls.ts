import path from 'node:path';
import {failure, success, type Result} from '../core/errors.js';

/** A source file as it was compiled. */
export interface CompiledSource {
  /** Relative to the build directory, like every path of the build's own tree. */
  readonly source: string;
  /** `NAME` or `NAME=value`, as they stand at the end of the command. */
  readonly defines: readonly string[];
  readonly includes: readonly string[];
}

/** A file made by the linker. */
export interface LinkedFile {
  /** Objects and archives, by path. */
  readonly inputs: readonly string[];
  /** What follows `-l`. */
  readonly libraries: readonly string[];
}

/** The calls of compiler and archiver in one build. */
export interface BuildCalls {
  /** By object file. */
  readonly compiled: ReadonlyMap<string, CompiledSource>;
  /** By linked file. */
  readonly linked: ReadonlyMap<string, LinkedFile>;
  /** Members by archive. */
  readonly archives: ReadonlyMap<string, readonly string[]>;
}

interface Call {
  readonly directory: string;
  readonly arguments: readonly string[];
}

/** Reads a compilation database that also contains calls of the linker and the archiver. */
export function parseCompilerCalls(file: string, text: string): Result<BuildCalls> {
  const calls = readCalls(text);
  if (calls === undefined) {
    return failure([{file, message: 'is not a list of calls with directory and arguments'}]);
  }
  const compiled = new Map<string, CompiledSource>();
  const linked = new Map<string, LinkedFile>();
  const archives = new Map<string, readonly string[]>();
  for (const call of calls) {
    const words = readWords(call);
    if (words.tool.endsWith('ar')) {
      const archive = words.inputs.find((input) => input.endsWith('.a'));
      const members = words.inputs.filter((input) => input.endsWith('.o'));
      if (archive !== undefined) archives.set(archive, members);
    } else if (words.isCompiling) {
      const [source] = words.inputs.filter((input) => /\.[cS]$/.test(input));
      if (source === undefined) continue;
      const object = words.output ?? path.basename(source).replace(/\.[cS]$/, '.o');
      compiled.set(object, {source, defines: words.defines, includes: words.includes});
    } else if (words.output !== undefined) {
      const inputs = words.inputs.filter((input) => /\.[oa]$/.test(input));
      linked.set(words.output, {inputs, libraries: words.libraries});
    }
  }
  return success({compiled, linked, archives});
}

function readCalls(text: string): readonly Call[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(value) && value.every(isCall) ? value : undefined;
}

function isCall(value: unknown): value is Call {
  if (typeof value !== 'object' || value === null) return false;
  const {directory, arguments: words} = value as Record<string, unknown>;
  return (
    typeof directory === 'string' &&
    Array.isArray(words) &&
    words.every((word) => typeof word === 'string')
  );
}

interface Words {
  readonly tool: string;
  readonly isCompiling: boolean;
  readonly output: string | undefined;
  /** The arguments that are not options. */
  readonly inputs: readonly string[];
  readonly defines: readonly string[];
  readonly includes: readonly string[];
  readonly libraries: readonly string[];
}

/** Options whose value may be the next argument. */
const optionsWithValue = /^-(o|D|U|I|l|L|x|MF|MT|MQ|Xlinker|Xclang|isystem|include|arch|T|u|z)$/;

function readWords({directory, arguments: [tool = '', ...rest]}: Call): Words {
  const inputs: string[] = [];
  const defines = new Map<string, string>();
  const includes = new Set<string>();
  const libraries = new Set<string>();
  let output: string | undefined;
  let isCompiling = false;
  const inTree = (file: string): string => pathInTree(directory, file);

  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    const [option = '', value = ''] = optionsWithValue.test(word)
      ? [word, rest[(index += 1)] ?? '']
      : (/^(-[oDUIl])(.+)$/.exec(word)?.slice(1) ?? [word]);
    if (option === '-o') output = inTree(value);
    else if (option === '-D') defines.set(value.replace(/=.*$/s, ''), value);
    else if (option === '-U') defines.delete(value);
    else if (option === '-I') includes.add(inTree(value));
    else if (option === '-l') libraries.add(value);
    else if (option === '-c') isCompiling = true;
    else if (!option.startsWith('-')) inputs.push(inTree(word));
  }
  return {
    tool,
    isCompiling,
    output,
    inputs,
    defines: [...defines.values()],
    includes: [...includes],
    libraries: [...libraries],
  };
}

/** Paths of the build's own tree relative to its root, so that two builds can be compared; others as they are. */
function pathInTree(directory: string, file: string): string {
  const absolute = path.posix.resolve(directory, file);
  const relative = path.posix.relative(directory, absolute);
  if (relative.startsWith('..')) return absolute;
  return relative === '' ? '.' : relative;
}
