import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Fact} from '../archive/inspect/inspect.js';
import {parseJson, textAt, valueAt} from '../archive/json-value.js';
import {variable, type Installation} from './installation.js';
import {programFiles} from './present-modules.js';

/** What a tree is. Of each fact it is said where it was read. */
export interface TreeFacts {
  readonly python: Fact | undefined;
  readonly target: Fact | undefined;
  /** The build options in the words of Ampoule: `freethreaded+debug`. */
  readonly options: Fact | undefined;
  /** `-O3`; what the interpreter itself was compiled with. */
  readonly optimization: Fact | undefined;
  /** Whether C assertions are compiled in. */
  readonly assertions: Fact | undefined;
  /** The ABI flags: empty, `t`, `d`, `td`. */
  readonly abiFlags: Fact | undefined;
  readonly compiler: Fact | undefined;
  /** The prefix that it was configured with. */
  readonly configuredPrefix: Fact | undefined;
  readonly date: Fact | undefined;
}

/** The JSON files that a distribution of Ampoule's, or of python-build-standalone, has. */
export interface TreeDocuments {
  readonly pythonJson: unknown;
  readonly distributionJson: unknown;
}

/** Reads the documents of a tree; each is `undefined` where it is not there. */
export async function readDocuments({
  rootPath,
  prefix,
  layout,
}: Installation): Promise<TreeDocuments> {
  const read = async (file: string): Promise<unknown> =>
    parseJson(await readFile(file, 'utf8').catch(() => ''));
  return {
    pythonJson:
      layout === 'full archive' ? await read(path.join(rootPath, 'PYTHON.json')) : undefined,
    distributionJson: await read(path.join(prefix, 'share/ampoule/distribution.json')),
  };
}

/** Collects the facts. */
export async function readTreeFacts(
  tree: Installation,
  {pythonJson, distributionJson}: TreeDocuments,
): Promise<TreeFacts> {
  const inPythonJson = (key: string) => fact(textAt(pythonJson, key), 'PYTHON.json');
  const inDistribution = (key: string) => fact(textAt(distributionJson, key), 'distribution.json');
  const inSysconfig = (name: string) => fact(variable(tree, name), 'sysconfig');
  const flags = compilerFlags(tree);
  const epoch = valueAt(distributionJson, 'source_date_epoch');
  return {
    python: inPythonJson('python_version') ?? inDistribution('python') ?? (await readVersion(tree)),
    target:
      inPythonJson('target_triple') ??
      inDistribution('target_triple') ??
      fact(tripleOf(variable(tree, 'MULTIARCH') ?? variable(tree, 'HOST_GNU_TYPE')), 'sysconfig'),
    options:
      inPythonJson('build_options') ??
      inDistribution('build_options') ??
      fact(tree.sysconfig.size === 0 ? undefined : optionsOf(tree, flags), 'sysconfig'),
    optimization: fact(
      flags.findLast((flag) => /^-O(?:[0-3sgz]|fast)?$/.test(flag)),
      'sysconfig',
    ),
    assertions: fact(
      flags.length === 0 ? undefined : isLastDefined(flags, 'NDEBUG') ? 'off' : 'on',
      'sysconfig',
    ),
    abiFlags:
      tree.sysconfig.size === 0
        ? undefined
        : {value: variable(tree, 'ABIFLAGS') ?? '', from: 'sysconfig'},
    compiler: inSysconfig('CC'),
    configuredPrefix: inSysconfig('prefix'),
    date:
      typeof epoch === 'number'
        ? {value: new Date(epoch * 1000).toISOString().slice(0, 10), from: 'distribution.json'}
        : undefined,
  };
}

function fact(value: string | undefined, from: string): Fact | undefined {
  return value === undefined ? undefined : {value, from};
}

/** The version as a header has it, or the interpreter among its strings. */
async function readVersion(tree: Installation): Promise<Fact | undefined> {
  const {prefix, majorMinor, standardLibrary} = tree;
  const abiFlags = variable(tree, 'ABIFLAGS') ?? '';
  const headers = [
    path.join(prefix, 'include', `python${majorMinor}${abiFlags}`),
    path.join(path.dirname(standardLibrary), 'Include'),
  ];
  for (const folder of headers) {
    const text = await readFile(path.join(folder, 'patchlevel.h'), 'utf8').catch(() => '');
    const version = /^#define\s+PY_VERSION\s+"([^"]+)"/m.exec(text)?.[1];
    if (version !== undefined) return {value: version, from: 'patchlevel.h'};
  }
  const pattern = new RegExp(`^${majorMinor.replace('.', '\\.')}\\.\\d+(?:(?:a|b|rc)\\d+)?\\+?$`);
  for (const file of await programFiles(tree)) {
    const bytes = await readFile(file);
    const start = `\0${majorMinor}.`;
    for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
      const end = bytes.indexOf('\0', at + 1);
      const value = bytes.toString('latin1', at + 1, Math.min(end, at + 32));
      if (pattern.test(value)) return {value, from: path.basename(file)};
    }
  }
  return undefined;
}

/** `x86_64-unknown-linux-gnu` of `x86_64-linux-gnu` and of `x86_64-pc-linux-gnu`. */
function tripleOf(text: string | undefined): string | undefined {
  const [, machine, abi] = /^([^-]+)(?:-[^-]+)?-linux-(\w+)$/.exec(text ?? '') ?? [];
  return machine === undefined || abi === undefined ? undefined : `${machine}-unknown-linux-${abi}`;
}

/** The flags that the interpreter's own files were compiled with, in order. */
function compilerFlags(tree: Installation): readonly string[] {
  const text = variable(tree, 'PY_CORE_CFLAGS') ?? variable(tree, 'CFLAGS') ?? '';
  return text.split(/\s+/).filter((word) => word !== '');
}

function isLastDefined(flags: readonly string[], name: string): boolean {
  return flags.lastIndexOf(`-D${name}`) > flags.lastIndexOf(`-U${name}`);
}

/** What configure was asked for, in the words of `--options`, in their order. */
function optionsOf(tree: Installation, flags: readonly string[]): string {
  const asked = variable(tree, 'CONFIG_ARGS') ?? '';
  const isAsked = (option: string) => new RegExp(`--${option}(?!=no)(?=['"=\\s]|$)`).test(asked);
  const sanitizers = [...asked.matchAll(/--with-(address|undefined-behavior|thread)-sanitizer/g)];
  const names = {address: 'asan', 'undefined-behavior': 'ubsan', thread: 'tsan'};
  const isDebug = variable(tree, 'Py_DEBUG') === '1';
  const hasPgo =
    isAsked('enable-optimizations') ||
    flags.some((flag) => /^-fprofile-(?:use|instr-use)/.test(flag));
  const hasLto = isAsked('with-lto') || flags.some((flag) => flag.startsWith('-flto'));
  const level = isDebug ? ['debug'] : hasPgo || hasLto ? [] : ['noopt'];
  return [
    ...(variable(tree, 'Py_GIL_DISABLED') === '1' ? ['freethreaded'] : []),
    ...level,
    ...(hasPgo ? ['pgo'] : []),
    ...(hasLto ? ['lto'] : []),
    ...(isAsked('enable-bolt') ? ['bolt'] : []),
    ...(isAsked('with-trace-refs') ? ['trace-refs'] : []),
    ...sanitizers.map(([, which]) => names[which as keyof typeof names]),
    ...(isAsked('enable-experimental-jit') ? ['jit'] : []),
  ].join('+');
}
