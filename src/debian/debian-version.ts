/** Order of two Debian versions, as policy 5.6.12 defines it: below, equal to or above zero. */
export function compareDebianVersions(left: string, right: string): number {
  const a = splitVersion(left);
  const b = splitVersion(right);
  return (
    a.epoch - b.epoch ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision)
  );
}

function splitVersion(version: string): {epoch: number; upstream: string; revision: string} {
  const colon = version.indexOf(':');
  const epoch = colon === -1 ? 0 : Number(version.slice(0, colon));
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return hyphen === -1
    ? {epoch, upstream: rest, revision: '0'}
    : {epoch, upstream: rest.slice(0, hyphen), revision: rest.slice(hyphen + 1)};
}

/** Compares runs of other characters and runs of digits in turn. */
function compareParts(left: string, right: string): number {
  let a = left;
  let b = right;
  while (a !== '' || b !== '') {
    const textA = /^\D*/.exec(a)?.[0] ?? '';
    const textB = /^\D*/.exec(b)?.[0] ?? '';
    const byText = compareText(textA, textB);
    if (byText !== 0) return byText;
    a = a.slice(textA.length);
    b = b.slice(textB.length);
    const digitsA = /^\d*/.exec(a)?.[0] ?? '';
    const digitsB = /^\d*/.exec(b)?.[0] ?? '';
    const byNumber = compareDigits(digitsA, digitsB);
    if (byNumber !== 0) return byNumber;
    a = a.slice(digitsA.length);
    b = b.slice(digitsB.length);
  }
  return 0;
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = rank(left[index]) - rank(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A tilde sorts before the end, the end before letters, letters before everything else. */
function rank(character: string | undefined): number {
  if (character === '~') return -1;
  if (character === undefined) return 0;
  const code = character.charCodeAt(0);
  return /[a-z]/i.test(character) ? code : code + 256;
}

/** Numbers may exceed a double: without leading zeros, the longer one is larger. */
function compareDigits(left: string, right: string): number {
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
