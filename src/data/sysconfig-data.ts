/** The exact first line that uv requires. */
const header = '# system configuration generated and used by the sysconfig module';

/** The variables of a `_sysconfigdata` file. */
export type SysconfigVariables = ReadonlyMap<string, string | number>;

/**
 * Parses `_sysconfigdata` as strictly as the strictest installer: the exact first line, one dict of strings and
 * non-negative integers, with no escapes except for the backslash and the two quotes.
 * @throws SyntaxError with the position of anything else.
 */
export function parseSysconfigData(text: string): SysconfigVariables {
  const end = text.indexOf('\n');
  const first = text.slice(0, end);
  if (first !== header) {
    throw new SyntaxError(
      `expected the first line ${JSON.stringify(header)}, found ${JSON.stringify(first)}`,
    );
  }
  const body = /^build_time_vars = \{([\s\S]*)\}\s*$/.exec(text.slice(end + 1))?.[1];
  if (body === undefined) throw new SyntaxError('expected one dict, build_time_vars = {...}');
  return new DictReader(body).read();
}

const literal = /'(?:[^'\\\n]|\\['"\\])*'|"(?:[^"\\\n]|\\['"\\])*"/y;

class DictReader {
  private position = 0;

  constructor(private readonly body: string) {}

  read(): SysconfigVariables {
    const variables = new Map<string, string | number>();
    while (this.take(/\s*$/y) === undefined) {
      const key = this.takeString();
      const colon = this.take(/\s*:\s*/y);
      const value = this.takeString() ?? this.takeNumber();
      if (key === undefined || colon === undefined || value === undefined) throw this.error();
      variables.set(key, value);
      if (this.take(/\s*,/y) === undefined && this.take(/\s*$/y) === undefined) throw this.error();
    }
    return variables;
  }

  /** Adjacent literals are one string. */
  private takeString(): string | undefined {
    let value: string | undefined;
    for (;;) {
      this.take(/\s*/y);
      const text = this.take(literal);
      if (text === undefined) return value;
      value = (value ?? '') + text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
    }
  }

  private takeNumber(): number | undefined {
    const digits = this.take(/\d+/y);
    return digits === undefined ? undefined : Number(digits);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.body);
    if (match === null) return undefined;
    this.position = pattern.lastIndex;
    return match[0];
  }

  private error(): SyntaxError {
    const rest = this.body.slice(this.position, this.position + 60);
    return new SyntaxError(
      `expected only strings (escapes: \\\\ \\' \\") and integers from 0, found ${JSON.stringify(rest)}`,
    );
  }
}

/** The words of the variables that third parties compile and link with. */
export function recordedFlags(variables: SysconfigVariables): readonly string[] {
  return flagVariables.flatMap((name) =>
    String(variables.get(name) ?? '')
      .split(/\s+/)
      .filter((word) => word !== ''),
  );
}

const flagVariables: readonly string[] = [
  'CC',
  'CXX',
  'CFLAGS',
  'CPPFLAGS',
  'CCSHARED',
  'LDFLAGS',
  'LDSHARED',
  'LDCXXSHARED',
  'BLDSHARED',
  'PY_CFLAGS',
  'PY_LDFLAGS',
  'LINKFORSHARED',
  'LINKCC',
  'AR',
];
