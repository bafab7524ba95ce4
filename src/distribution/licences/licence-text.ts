import parseSpdx from 'spdx-expression-parse';

/** One licence text of the distribution. */
export interface LicenceText {
  /** The component that it covers: the `zlib` of `LICENSE.zlib.txt`. */
  readonly component: string;
  readonly version: string;
  /** An SPDX expression; `undefined` if the text itself lists licences of several parts. */
  readonly spdx: string | undefined;
  readonly text: string;
}

/** One line for each invalid SPDX expression. */
export function spdxProblems(licences: readonly LicenceText[]): readonly string[] {
  return licences.flatMap(({component, spdx}) => {
    if (spdx === undefined || isSpdxExpression(spdx)) return [];
    return [
      `the licence of ${component}: "${spdx}" is not an SPDX expression, see https://spdx.org/licenses/`,
    ];
  });
}

function isSpdxExpression(text: string): boolean {
  try {
    parseSpdx(text);
    return true;
  } catch {
    return false;
  }
}

/** The name of a component's licence file, the same in `licenses/` and in `install/share/ampoule/licenses/`. */
export function licenceFileName(component: string): string {
  return `LICENSE.${component}.txt`;
}

/**
 * Joins a component's licence files into one text: a single file as it is, several one after the other below their
 * names. Clients read these files as UTF-8, so files in an older encoding are converted from Latin-1.
 */
export function joinLicenceFiles(
  files: readonly {readonly name: string; readonly content: Uint8Array}[],
): string {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return decode(only.content);
  return files
    .map(({name, content}) => {
      const text = decode(content);
      return `==== ${name} ====\n\n${text}${text.endsWith('\n') ? '' : '\n'}`;
    })
    .join('\n');
}

/** The list of all third-party components in the distribution, with the files of their licences. */
export function renderNotice(
  distribution: {readonly python: string; readonly targetTriple: string},
  licences: readonly LicenceText[],
): string {
  const lines = licences.map(({component, version, spdx}) => {
    const name = version === '' ? component : `${component} ${version}`;
    const licence = spdx === undefined ? 'see the text' : spdx;
    return `${name}\n    ${licence}\n    licenses/${licenceFileName(component)}\n`;
  });
  return [
    `CPython ${distribution.python} for ${distribution.targetTriple}`,
    '',
    'This distribution contains the works below, some of them as compiled code inside the interpreter, its',
    'libraries and its extension modules. Each is used under its own licence; the texts lie beside this file.',
    '',
    ...lines,
  ].join('\n');
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(content);
  } catch {
    return Buffer.from(content).toString('latin1');
  }
}
