import {readFileSync} from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const shownDigits = 12;

/** `ampoule 0.1.0 (commit 0123456789ab, Node 22.1.0)`; without the commit outside a checkout. */
export function versionText(): string {
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
  const folder = gitFolder();
  const head = readText(path.join(folder, 'HEAD'))?.trim();
  const [, branch] = /^ref: (.+)$/.exec(head ?? '') ?? [];
  if (branch === undefined) return head;
  // Branches of a worktree are those of the repository that it belongs to.
  const shared = path.resolve(folder, readText(path.join(folder, 'commondir'))?.trim() ?? '.');
  const packed = readText(path.join(shared, 'packed-refs')) ?? '';
  const line = packed.split('\n').find((one) => one.endsWith(` ${branch}`));
  return readText(path.join(shared, branch))?.trim() ?? line?.split(' ')[0];
}

/** `.git`, or what it names: in a worktree it is a file. */
function gitFolder(): string {
  const [, elsewhere] = /^gitdir: (.+)$/m.exec(readText('.git') ?? '') ?? [];
  return path.resolve(root, elsewhere ?? '.git');
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(path.resolve(root, file), 'utf8');
  } catch {
    return undefined;
  }
}
