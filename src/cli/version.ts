import {readFileSync} from 'node:fs';
import path from 'node:path';
import {gitFolderOf} from '../files/git-folder.js';
import {printOwn} from './print.js';

const root = path.resolve(import.meta.dirname, '../..');
const shownDigits = 12;

/** Prints it on standard output. */
export function printVersion(): void {
  printOwn(`${versionText()}\n`);
}

/** `ampoule 0.1.0 (commit 0123456789ab, Node 22.1.0)`; without the commit outside a checkout. */
function versionText(): string {
  const {version} = JSON.parse(readText('package.json') ?? '{}') as {readonly version?: string};
  const commit = checkedOutCommit()?.slice(0, shownDigits);
  const facts = [
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    `Node ${process.versions.node}`,
  ];
  return `ampoule ${version ?? ''} (${facts.join(', ')})`;
}

/** What git has checked out here, from its files: `git` itself may be missing. */
function checkedOutCommit(): string | undefined {
  const folder = gitFolderOf(root);
  if (folder === undefined) return undefined;
  const head = readText(path.join(folder.own, 'HEAD'))?.trim();
  const [, branch] = /^ref: (.+)$/.exec(head ?? '') ?? [];
  if (branch === undefined) return head;
  const packed = readText(path.join(folder.common, 'packed-refs')) ?? '';
  const line = packed.split('\n').find((one) => one.endsWith(` ${branch}`));
  return readText(path.join(folder.common, branch))?.trim() ?? line?.split(' ')[0];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(path.resolve(root, file), 'utf8');
  } catch {
    return undefined;
  }
}
