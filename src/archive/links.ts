/** More steps than this are a circle. */
const maximumSteps = 200;

/**
 * Whether the symbolic link at `start` leads out of the archive, other links on the way followed: `a/up -> ..` makes
 * `a/up/..` another place than its text says. A circle, which leads nowhere, does not.
 * @param links every symbolic link of the archive with its target, by path.
 */
export function leadsOutside(start: string, links: ReadonlyMap<string, string>): boolean {
  const todo = start.split('/');
  const done: string[] = [];
  for (let steps = 0; steps < maximumSteps;) {
    const part = todo.shift();
    if (part === undefined) return false;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) return true;
      continue;
    }
    const target = links.get([...done, part].join('/'));
    if (target === undefined) {
      done.push(part);
      continue;
    }
    steps += 1;
    if (target.startsWith('/')) return true;
    todo.unshift(...target.split('/'));
  }
  return false;
}
