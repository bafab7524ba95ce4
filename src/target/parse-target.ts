import type {JsonValue} from '../core/digest.js';
import {failure, formatDiagnostic, InternalError, success, type Result} from '../core/errors.js';
import type {GlibcRange, Target, TargetElf} from '../core/target.js';
import {llvmTargets} from '../core/toolchain.js';
import {YamlReader, type MapReader, type TextForm} from '../data/yaml-reader.js';
import {compareDottedVersions} from '../elf/glibc-floor.js';

const tripleForm: TextForm = {
  pattern: /^[a-z0-9_]+(-[a-z0-9_]+){2,3}$/,
  wanted: 'a triple such as x86_64-unknown-linux-gnu',
};
const platformForm: TextForm = {
  pattern: /^[a-z]+-[a-z0-9_]+$/,
  wanted: 'what sysconfig.get_platform() says, such as linux-x86_64',
};
const loaderForm: TextForm = {
  pattern: /^\/(?:[a-z0-9_]+\/)+[\w-]+\.so\.\d+$/,
  wanted: 'the absolute path of the dynamic loader, such as /lib/ld-linux-aarch64.so.1',
};
const flagForm: TextForm = {pattern: /^-[^\s'"\\]+$/, wanted: 'a flag of the compiler'};
const glibcForm: TextForm = {
  pattern: /^2\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?$/,
  wanted: 'a glibc version such as "2.17"',
};
const libraryForm: TextForm = {
  pattern: /^[\w.+-]+\.so(?:\.\d+)*$/,
  wanted: 'the soname of a library, such as libc.so.6',
};
const answerNameForm: TextForm = {
  pattern: /^[a-z]\w*_cv_\w+$/,
  wanted: "a variable of Autoconf's cache, such as ac_cv_working_tzset",
};
const answerForm: TextForm = {pattern: /^[^\n]{0,1000}$/, wanted: 'a text of one line'};

/**
 * Reads the text of a `targets/<triple>.yaml`. All mistakes come back at once, each with its place; `file` is how they
 * name the file.
 */
export function parseTarget(text: string, file: string): Result<Target> {
  const reader = new YamlReader(text, file);
  const root = reader.root();
  const target = root && readTarget(root);
  if (target === undefined || reader.diagnostics.length > 0) return failure(reader.diagnostics);
  return success(target);
}

/** A target as a parameter of a host function: what its file says, without comments. */
export function targetToJson(target: Target): JsonValue {
  return {...target, elf: {...target.elf}, glibc: {...target.glibc}};
}

/** Reads what `targetToJson` made. @throws InternalError for anything else. */
export function targetFromJson(json: JsonValue | undefined): Target {
  const target = parseTarget(JSON.stringify(json ?? null), 'target');
  if (!target.ok) throw new InternalError(target.diagnostics.map(formatDiagnostic).join('\n'));
  return target.value;
}

function readTarget(root: MapReader): Target | undefined {
  const triple = root.text('triple', tripleForm);
  const gnu = root.text('gnu', tripleForm);
  const multiarch = root.text('multiarch', tripleForm);
  const platform = root.text('platform', platformForm);
  const llvm = root.choice('llvm', llvmTargets);
  const elf = readPart(root, 'elf', 'a map of class and machine', readElfHeader);
  const loader = root.text('loader', loaderForm);
  const cflags = root.texts('cflags', flagForm);
  const glibc = readPart(root, 'glibc', 'a map of default, oldest and newest', readGlibc);
  const libraries = root.texts('libraries', libraryForm);
  if (libraries.length === 0) {
    root.report('libraries', '"libraries" must be a list: the libraries that files may need');
  }
  const answers = readAnswers(root);
  root.rejectOtherKeys();
  if (!triple || !gnu || !multiarch || !platform || !llvm || !elf || !loader || !glibc) {
    return undefined;
  }
  const names = {triple, gnu, multiarch, platform, llvm};
  return {...names, elf, loader, cflags, glibc, libraries, answers};
}

/** A map that must be there, without other keys than `read` asks for. */
function readPart<T>(
  root: MapReader,
  key: string,
  wanted: string,
  read: (map: MapReader) => T | undefined,
): T | undefined {
  if (!root.has(key)) root.report(key, `${root.title} lacks the key "${key}": ${wanted}`);
  const map = root.map(key);
  const part = map && read(map);
  map?.rejectOtherKeys();
  return part;
}

function readElfHeader(map: MapReader): TargetElf | undefined {
  const bits = map.positiveInteger('class');
  const machine = map.positiveInteger('machine');
  if (machine !== undefined && machine > 0xffff) {
    map.report('machine', `"machine" must be at most 65535, an EM_* of the ELF header`);
  }
  if (bits !== undefined && bits !== 32 && bits !== 64) {
    map.report('class', '"class" must be 32 or 64');
    return undefined;
  }
  return bits === undefined || machine === undefined ? undefined : {class: bits, machine};
}

function readGlibc(map: MapReader): GlibcRange | undefined {
  const usual = map.text('default', glibcForm);
  const oldest = map.text('oldest', glibcForm);
  const newest = map.text('newest', glibcForm);
  if (usual === undefined || oldest === undefined || newest === undefined) return undefined;
  if (compareDottedVersions(oldest, newest) > 0) {
    map.report('oldest', `"oldest" is ${oldest}, later than the newest, ${newest}`);
  } else if (compareDottedVersions(usual, oldest) < 0 || compareDottedVersions(usual, newest) > 0) {
    map.report('default', `"default" is ${usual}, wanted a version from ${oldest} to ${newest}`);
  }
  return {default: usual, oldest, newest};
}

function readAnswers(root: MapReader): Readonly<Record<string, string>> {
  const map = root.map('answers');
  const answers: Record<string, string> = {};
  for (const {key, keyNode, value} of map?.entries() ?? []) {
    const name = root.reader.text(keyNode, 'a key in "answers"', answerNameForm);
    const answer = root.reader.text(value, `"${key}"`, answerForm);
    if (name !== undefined && answer !== undefined) answers[name] = answer;
  }
  return answers;
}
