/** The placeholders in URLs and paths of a recipe, for messages. */
export const versionPlaceholders: readonly string[] = [
  '{version}',
  '{release}',
  '{debian-version}',
  '{major}',
  '{minor}',
  '{patch}',
];

const numbers = ['major', 'minor', 'patch'];

/**
 * Replaces the placeholders in a text with parts of a version; `undefined` if the version lacks one. `{release}` is the
 * version without its pre-release (3.15.0 of 3.15.0rc1), `{debian-version}` has a `~` before it. `{minor:2}` has at
 * least two digits.
 */
export function fillVersion(template: string, version: string): string | undefined {
  const [release = '', preRelease] = version.split(/(?<=\d)(?=(?:a|b|rc)\d+$)/);
  const parts = new Map([
    ['version', version],
    ['release', release],
    ['debian-version', preRelease === undefined ? version : `${release}~${preRelease}`],
    ...release
      .split('.')
      .flatMap((text, index) =>
        numbers[index] !== undefined && /^\d+$/.test(text) ? [[numbers[index], text] as const] : [],
      ),
  ]);
  const missing: string[] = [];
  const text = template.replaceAll(
    /\{([^{}:]*)(?::(\d))?\}/g,
    (_all, name: string, digits = '0') => {
      const part = parts.get(name);
      if (part === undefined) missing.push(name);
      return part?.padStart(Number(digits), '0') ?? '';
    },
  );
  return missing.length === 0 ? text : undefined;
}

const anyNumber = String.raw`\d+`;
const patterns: Readonly<Record<string, string>> = {
  version: String.raw`\d[0-9A-Za-z.+-]*?`,
  release: String.raw`\d+(?:\.\d+)*`,
};

/**
 * The version that a template was filled with, from the result: the opposite of `fillVersion`. `undefined` if the text
 * is of another form.
 */
export function readVersion(template: string, text: string): string | undefined {
  if (fillVersion(template, '1.1.1') === undefined) return undefined;
  const seen = new Set<string>();
  const pattern = template.replaceAll(
    /\{([^{}:]*)(?::(\d))?\}|[^{}]+/g,
    (all, name: string | undefined, digits: string | undefined) => {
      if (name === undefined) return all.replaceAll(/[.*+?^$()|[\]\\-]/g, String.raw`\$&`);
      const key = name === 'debian-version' ? 'version' : name;
      const known = digits === undefined ? (patterns[key] ?? anyNumber) : `\\d{${digits}}`;
      const isFirst = !seen.has(key);
      seen.add(key);
      return isFirst ? `(?<${key}>${known})` : `\\k<${key}>`;
    },
  );
  const found = new RegExp(`^${pattern}$`).exec(text)?.groups;
  if (found === undefined) return undefined;
  const whole = found['version'] ?? found['release'];
  if (whole !== undefined) return whole;
  const parts = numbers.flatMap((name) => (found[name] === undefined ? [] : Number(found[name])));
  return parts.length === 0 ? undefined : parts.join('.');
}
