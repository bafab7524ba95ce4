import path from 'node:path';
import * as v from 'valibot';
import {failure, success, type Result} from '../core/errors.js';
import {checkShape, isMap, type Report, type Schema} from '../data/schema.js';
import {YamlFile} from '../data/yaml-file.js';
import {
  imageDefinitionSchema,
  imagePartSchema,
  type ImageDefinition,
  type ImagePart,
} from './image-definition.js';

/** Reads a file of the project by its name below the project's folder; `undefined` when it is not there. */
export type ReadText = (file: string) => Promise<string | undefined>;

/** A part as its file says it: `include` is not yet followed. */
interface OwnPart extends ImagePart {
  readonly include?: readonly string[] | undefined;
}

/** What the `include:` of a file leads to. */
interface Included {
  readonly parts: readonly {readonly file: string; readonly part: ImagePart}[];
  /** By the entry's index: why it leads nowhere. */
  readonly problems: ReadonlyMap<number, string>;
}

/** Reads an `image.yaml` with all that it includes. What is included comes first. */
export async function readImageDefinition(
  file: string,
  read: ReadText,
): Promise<Result<ImageDefinition>> {
  const yaml = new YamlFile([{text: (await read(file)) ?? '', file}]);
  const own = yaml.read(imageDefinitionSchema);
  if (own === undefined) return failure(yaml.diagnostics);
  const partSchema = imagePartSchema(own.usr);
  const follow = async (from: readonly string[], part: OwnPart): Promise<Result<Included>> => {
    const parts: Included['parts'][number][] = [];
    const problems = new Map<number, string>();
    for (const [index, name] of (part.include ?? []).entries()) {
      const target = path.posix.join(path.posix.dirname(from.at(-1) ?? ''), name);
      const chain = [...from, target];
      const partText = await read(target);
      if (from.includes(target)) {
        problems.set(index, `"include" goes round in a circle: ${chain.join(' -> ')}`);
      } else if (partText === undefined) {
        problems.set(index, `"include": there is no ${target}`);
      } else {
        const included = await readPart(partText, chain);
        if (!included.ok) return included;
        parts.push({file: target, part: included.value});
      }
    }
    return success({parts, problems});
  };
  const readPart = async (
    partText: string,
    chain: readonly string[],
  ): Promise<Result<ImagePart>> => {
    const partYaml = new YamlFile([{text: partText, file: chain.at(-1) ?? ''}]);
    const part = partYaml.read(partSchema);
    if (part === undefined) return failure(partYaml.diagnostics);
    const included = await follow(chain, part);
    return included.ok ? join(partSchema, partYaml, included.value) : included;
  };
  const included = await follow([file], own);
  return included.ok ? join(imageDefinitionSchema, yaml, included.value) : included;
}

/** Reads a file's data once more, now with what it includes, and joins both. */
function join<T extends OwnPart>(
  schema: Schema<T>,
  yaml: YamlFile,
  included: Included,
): Result<Omit<T, 'include'>> {
  const checked = v.pipe(
    schema,
    checkShape<T>((part, report) => reportIncluded(part, included, report)),
  );
  const own = yaml.read(checked);
  if (own === undefined) return failure(yaml.diagnostics);
  const parts: readonly ImagePart[] = [...included.parts.map((entry) => entry.part), own];
  const list = (key: 'packages' | 'exclude' | 'directories') => parts.flatMap((one) => one[key]);
  const record = (key: 'files' | 'links') =>
    Object.fromEntries(parts.flatMap((one) => Object.entries(one[key])));
  return success({
    ...own,
    include: undefined,
    ...{packages: list('packages'), exclude: list('exclude'), directories: list('directories')},
    ...{files: record('files'), links: record('links')},
  });
}

/** Reports entries that lead nowhere, and what two files say. */
function reportIncluded(
  own: Readonly<Record<string, unknown>>,
  {parts, problems}: Included,
  report: Report,
): void {
  for (const [index, problem] of problems) report(problem, {value: ['include', index]});
  const seen = new Map<string, string>();
  for (const {file, part} of parts) {
    for (const entry of entriesOf({...part})) {
      const twin = seen.get(entry.id);
      if (twin !== undefined) {
        report(`"include": ${twin} and ${file} both say ${entry.name}`, {key: ['include']});
      }
      seen.set(entry.id, file);
    }
  }
  for (const {id, name, key, index} of entriesOf(own)) {
    const file = seen.get(id);
    if (file === undefined) continue;
    const below = index === undefined ? {key: [key, name]} : {value: [key, index]};
    report(`"${key}": ${name} stands in ${file} already`, below);
  }
}

interface Entry {
  /** The same for entries that exclude each other. */
  readonly id: string;
  readonly name: string;
  /** The list or map that it is in. */
  readonly key: string;
  /** Where in a list. */
  readonly index: number | undefined;
}

function entriesOf(part: Readonly<Record<string, unknown>>): readonly Entry[] {
  return ['packages', 'exclude', 'files', 'links', 'directories'].flatMap((key) => {
    const value = part[key];
    const isList = Array.isArray(value);
    const names = isList ? value.map(String) : isMap(value) ? Object.keys(value) : [];
    return names.map((name, index) => ({
      ...{id: `${key} ${name}`, name, key},
      index: isList ? index : undefined,
    }));
  });
}
