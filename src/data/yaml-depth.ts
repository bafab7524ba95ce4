import type {CST} from 'yaml';

/** Whether any collection is nested deeper than `limit`. Does not recurse. */
export function isNestedDeeperThan(limit: number, tokens: readonly CST.Token[]): boolean {
  const open: {token: CST.Token; depth: number}[] = tokens.map((token) => ({token, depth: 0}));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const {token, depth} = next;
    if (depth > limit) return true;
    if (token.type === 'document') {
      if (token.value !== undefined) open.push({token: token.value, depth});
    } else if ('items' in token) {
      for (const item of token.items) {
        if (item.key !== undefined && item.key !== null)
          open.push({token: item.key, depth: depth + 1});
        if (item.value !== undefined) open.push({token: item.value, depth: depth + 1});
      }
    }
  }
  return false;
}
