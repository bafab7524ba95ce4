/** The first line that uv demands, to the letter. */
const header = '# system configuration generated and used by the sysconfig module';

/**
 * Parses `_sysconfigdata` as strictly as the strictest installer: the exact first line, one dict of strings and
 * integers that are not negative, no escape but the backslash, and the two quotes. Throws where it finds anything else.
 */
export function parseSysconfigData(text: string): ReadonlyMap<string, string | number> {
  const [first, ...rest] = text.split('\n');
  if (first !== header) throw new Error(`the first line is ${JSON.stringify(first)}`);
  const body = /^build_time_vars = \{([\s\S]*)\}\s*$/.exec(rest.join('\n'))?.[1];
  if (body === undefined) throw new Error('no dict build_time_vars');
  const variables = new Map<string, string | number>();
  let position = 0;
  const take = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern.source, 'sy');
    sticky.lastIndex = position;
    const match = sticky.exec(body);
    if (match === null) return undefined;
    position = sticky.lastIndex;
    return match[0];
  };
  const takeString = (): string | undefined => {
    let value: string | undefined;
    for (;;) {
      take(/\s*/);
      const literal = take(/'(?:[^'\\\n]|\\['"\\])*'|"(?:[^"\\\n]|\\['"\\])*"/);
      if (literal === undefined) return value;
      value = (value ?? '') + literal.slice(1, -1).replaceAll(/\\(.)/g, '$1');
    }
  };
  while (take(/\s*$/) === undefined) {
    const key = takeString();
    const colon = take(/\s*:\s*/);
    const value = takeString() ?? take(/\d+/);
    if (key === undefined || colon === undefined || value === undefined) {
      throw new Error(`cannot parse ${JSON.stringify(body.slice(position, position + 80))}`);
    }
    const isNumber = /[:\s]\d+$/.test(body.slice(0, position)) && /^\d+$/.test(value);
    variables.set(key, isNumber ? Number(value) : value);
    if (take(/\s*,/) === undefined && take(/\s*$/) === undefined) {
      throw new Error(`no comma at ${JSON.stringify(body.slice(position, position + 80))}`);
    }
  }
  return variables;
}

/** The words of the variables with which others compile and link. */
export function formatFlags(variables: ReadonlyMap<string, string | number>): readonly string[] {
  const names = [
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
    'AR',
  ];
  return names.flatMap((name) => String(variables.get(name) ?? '').split(/\s+/));
}
