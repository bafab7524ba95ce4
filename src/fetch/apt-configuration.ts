import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {parseControl} from '../debian/control.js';

/** One file of apt's list of sources. */
export interface AptFile {
  /** `.list` files have a line per archive, `.sources` files a paragraph. */
  readonly name: string;
  readonly text: string;
}

/** Reads apt's list of sources below a folder like `/etc/apt`. Missing and unreadable files are skipped. */
export async function readAptFiles(folder: string): Promise<readonly AptFile[]> {
  const parts = path.join(folder, 'sources.list.d');
  const names = await readdir(parts).catch(() => []);
  const paths = [
    path.join(folder, 'sources.list'),
    ...names
      .filter((name) => /\.(?:list|sources)$/.test(name))
      .sort(compareCodeUnits)
      .map((name) => path.join(parts, name)),
  ];
  const files = await Promise.all(
    paths.map(async (name) => {
      const text = await readFile(name, 'utf8').catch(() => undefined);
      return text === undefined ? [] : [{name, text}];
    }),
  );
  return files.flat();
}

/** The http URLs of binary archives in apt's configuration, each once, in order, without a trailing slash. */
export function parseAptUris(files: readonly AptFile[]): readonly string[] {
  const uris = files.flatMap(({name, text}) =>
    name.endsWith('.sources') ? urisOfParagraphs(text) : urisOfLines(text),
  );
  return [
    ...new Set(
      uris
        .filter((uri) => /^https?:\/\//.test(uri) && URL.canParse(uri))
        .map((uri) => uri.replace(/\/+$/, '')),
    ),
  ];
}

function urisOfParagraphs(text: string): readonly string[] {
  return [...parseControl(text)].flatMap((paragraph) => {
    const types = (paragraph.get('types') ?? '').split(/\s+/);
    const isEnabled = !/^(?:no|false|0|off|disable)$/i.test(paragraph.get('enabled') ?? 'yes');
    if (!types.includes('deb') || !isEnabled) return [];
    return (paragraph.get('uris') ?? '').split(/\s+/).filter((uri) => uri !== '');
  });
}

function urisOfLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s/.exec(line);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}
