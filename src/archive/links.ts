/** The number of links that Linux follows at most while it resolves a path. */
const maximumLinks = 40;

/** Limit for all paths together. */
const maximumSteps = 1_000_000;

/** Resolving the links would take too many steps. */
export class TangledLinksError extends Error {
  override readonly name = 'TangledLinksError';
}

/**
 * Whether the symbolic link at a path leads out of the archive. Other links on the way are followed, since `a/up -> ..`
 * changes what `a/up/..` means. A cycle does not lead out.
 * @param links every symbolic link of the archive with its target, by path.
 * @throws TangledLinksError (from the returned function) when resolving all paths takes too many steps.
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
