import type {CST} from 'yaml';

/** Whether any collection is nested deeper than `limit`. Does not recurse. */
export function isNestedDeeperThan(limit: number, tokens: readonly CST.Token[]): boolean {
  let level: CST.Token[] = [];
  for (const token of tokens) {
    if (token.type === 'document') addCollection(level, token.value);
  }
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const below: CST.Token[] = [];
    for (const token of level) {
      for (const {key, value} of 'items' in token ? token.items : []) {
        addCollection(below, key);
        addCollection(below, value);
      }
    }
    level = below;
  }
  return false;
}

function addCollection(level: CST.Token[], token: CST.Token | null | undefined): void {
  if (token !== null && token !== undefined && 'items' in token) level.push(token);
}
