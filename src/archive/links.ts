/** Linux follows no more links than this on the way to a file. */
const maximumLinks = 40;

/** Of all paths together. */
const maximumSteps = 5_000_000;

/** Links lead to one another in too many ways to be followed. */
export class TangledLinksError extends Error {
  override readonly name = 'TangledLinksError';
}

/**
 * Whether the symbolic link at a path leads out of the archive, other links on the way followed: `a/up -> ..` makes
 * `a/up/..` another place than its text says. A circle, which leads nowhere, does not.
 * @param links every symbolic link of the archive with its target, by path.
 * @throws TangledLinksError (from the returned function) when all the paths together take too long to follow.
 */
export function makeLinkCheck(links: ReadonlyMap<string, string>): (start: string) => boolean {
  let steps = 0;
  return (start) => {
    // The next part is the last.
    const todo = start.split('/').reverse();
    const done: string[] = [];
    for (let followed = 0; followed <= maximumLinks;) {
      const part = todo.pop();
      if (part === undefined) return false;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (done.pop() === undefined) return true;
        continue;
      }
      const path = done.length === 0 ? part : `${done.at(-1) ?? ''}/${part}`;
      steps += 1 + path.length / 100;
      if (steps > maximumSteps) throw new TangledLinksError();
      const target = links.get(path);
      if (target === undefined) {
        done.push(path);
        continue;
      }
      followed += 1;
      if (target.startsWith('/')) return true;
      todo.push(...target.split('/').reverse());
    }
    return false;
  };
}
