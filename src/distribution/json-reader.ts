import {DistributionError} from './distribution-error.js';

/** A JSON object that is not validated yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads typed values from parsed JSON. Throws `DistributionError` with the position of a wrong value. */
export class JsonReader {
  constructor(
    /** The name of the JSON in messages: a file name. */
    private readonly source: string,
    private readonly value: unknown,
  ) {}

  /** Parses `text`. Throws `DistributionError` if it is not JSON. */
  static parse(source: string, text: string): JsonReader {
    try {
      return new JsonReader(source, JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new DistributionError([`${source}: no JSON: ${error.message}`]);
    }
  }

  get(key: string): JsonReader {
    return new JsonReader(`${this.source}.${key}`, this.object()[key]);
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string');
  }

  number(): number {
    return typeof this.value === 'number' ? this.value : this.fail('a number');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('a boolean');
  }

  isNull(): boolean {
    return this.value === null;
  }

  list<T>(read: (item: JsonReader) => T): readonly T[] {
    if (!Array.isArray(this.value)) return this.fail('a list');
    return this.value.map((item, index) =>
      read(new JsonReader(`${this.source}[${String(index)}]`, item)),
    );
  }

  record<T>(read: (item: JsonReader) => T): Readonly<Record<string, T>> {
    return Object.fromEntries(Object.keys(this.object()).map((key) => [key, read(this.get(key))]));
  }

  private object(): JsonObject {
    const {value} = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.fail('an object');
    }
    return value as JsonObject;
  }

  private fail(wanted: string): never {
    const got = this.value === undefined ? 'nothing' : JSON.stringify(this.value).slice(0, 60);
    throw new DistributionError([`${this.source}: wanted ${wanted}, got ${got}`]);
  }
}
