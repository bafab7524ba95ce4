import {isMap, isNode, isScalar, isSeq, visit, YAMLSeq, type Pair, type YAMLMap} from 'yaml';
import {parseYaml} from './parse-yaml.js';

/** A text with the name that messages refer to it by. */
export interface TextFile {
  /** As shown to the user, `static-modules/crypto.yaml`. */
  readonly file: string;
  readonly text: string;
}

/** A mistake in one of the layers. */
export interface LayerMistake {
  readonly file: TextFile;
  /** Counts characters; `undefined` if it concerns the whole text. */
  readonly offset: number | undefined;
  readonly message: string;
}

/** The two keys of a file that changes one of an earlier layer. */
const changeKeys = ['append', 'replace'] as const;

/**
 * One YAML document of several layers. The first is whole. A later one takes its place if it is whole too, or changes it:
 *
 *     append: {patches: [0100-ours.patch]}   # to the end of lists
 *     replace: {version: "2.0", sources: ~}  # keys of maps; ~ removes one
 *
 * Both go down maps key by key. The result has the nodes of all layers, each with the position in its own file.
 */
export class YamlLayers {
  /** The merged document; `undefined` if no layer has anything, or one has mistakes. */
  readonly contents: unknown;
  readonly mistakes: readonly LayerMistake[];
  /** The file of the nodes that do not come from the document's first layer. */
  private readonly origins = new WeakMap<object, TextFile>();
  /** Where keys were removed, by the map that had them. */
  private readonly removals = new WeakMap<object, Map<string, unknown>>();
  private readonly found: LayerMistake[] = [];
  private base: TextFile | undefined;

  constructor(layers: readonly TextFile[]) {
    let contents: unknown;
    for (const layer of layers) {
      const parsed = parseYaml(layer.text);
      for (const mistake of parsed.mistakes) this.found.push({file: layer, ...mistake});
      if (parsed.mistakes.length > 0) continue;
      const own = parsed.contents;
      if (this.base !== undefined && isMap(own) && changeKeys.some((key) => own.has(key))) {
        this.change(contents, own, layer);
      } else {
        contents = own;
        this.base = layer;
      }
    }
    this.contents = this.found.length > 0 ? undefined : contents;
    this.mistakes = this.found;
  }

  /** The file of a node, or of the document if there is no such node. */
  fileOf(node: unknown): TextFile {
    const origin = isNode(node) ? this.origins.get(node) : undefined;
    return origin ?? this.base ?? {file: '', text: ''};
  }

  /** The place in a later layer that removed a key of a map; `undefined` if none did. */
  removalOf(map: unknown, key: unknown): unknown {
    return isMap(map) ? this.removals.get(map)?.get(String(key)) : undefined;
  }

  private change(base: unknown, change: YAMLMap, layer: TextFile): void {
    visit(change, {Node: (_key, node) => void this.origins.set(node, layer)});
    for (const {name, key, value} of this.pairsOf(change)) {
      if (name !== 'append' && name !== 'replace') {
        const message = `"${name}" beside append and replace: a file that changes another has only these`;
        this.note(key, message);
      } else if (!isMap(value)) this.note(key, `"${name}" must be a map of keys`);
      else if (isMap(base)) this[name](base, value);
    }
  }

  /** Sets keys, and removes those whose new value is null. */
  private replace(base: YAMLMap, change: YAMLMap): void {
    for (const {name, key, value, pair} of this.pairsOf(change)) {
      const old = pairOf(base, name);
      if (isScalar(value) && value.value === null) {
        if (old === undefined) this.note(key, `there is no "${name}" to remove`);
        else {
          base.items = base.items.filter((other) => other !== old);
          this.removals.set(
            base,
            (this.removals.get(base) ?? new Map<string, unknown>()).set(name, key),
          );
        }
      } else if (old === undefined) base.items.push(pair);
      else if (isMap(old.value) && isMap(value)) this.replace(old.value, value);
      else Object.assign(old, {key, value});
    }
  }

  /** Adds to the end of lists; a single value counts as a list of one. */
  private append(base: YAMLMap, change: YAMLMap): void {
    for (const {name, value, pair} of this.pairsOf(change)) {
      const old = pairOf(base, name);
      if (old === undefined) base.items.push(pair);
      else if (isMap(old.value) && isMap(value)) this.append(old.value, value);
      else {
        const list = new YAMLSeq();
        list.items = [...itemsOf(old.value), ...itemsOf(value)];
        list.range = isNode(value) ? (value.range ?? null) : null;
        this.origins.set(list, this.fileOf(value));
        old.value = list;
      }
    }
  }

  /** The pairs of a map of a change, each key once. */
  private pairsOf(map: YAMLMap) {
    const names = new Set<string>();
    return map.items.flatMap((pair: Pair) => {
      const {key, value} = pair;
      const name: unknown = isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string') this.note(key, 'a key must be a text');
      else if (names.has(name)) this.note(key, `the key "${name}" is here twice`);
      else if (value === null) this.note(key, `the key "${name}" has no value`);
      else {
        names.add(name);
        return [{name, key, value, pair}];
      }
      return [];
    });
  }

  private note(node: unknown, message: string): void {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    this.found.push({file: this.fileOf(node), offset, message});
  }
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({key}) => isScalar(key) && key.value === name);
}

function itemsOf(node: unknown): unknown[] {
  return isSeq(node) ? node.items : [node];
}
