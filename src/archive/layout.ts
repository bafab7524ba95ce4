/** Top-level folders and files that only the full flavour has. */
const fullOnly = /^(?:PYTHON\.json$|(?:build|install|licenses)(?:\/|$))/;

/**
 * A member's path as it is in the full flavour and below `python/`, whatever the flavour it comes from:
 * `python/bin/python3` of an install_only archive is `install/bin/python3`.
 */
export function layoutPath(member: string): string {
  const inside = member.replace(/^(?:\.\/)*python\//, '').replace(/\/+$/, '');
  return fullOnly.test(inside) ? inside : `install/${inside}`;
}

/** Whether a path of the layout may be a program or a shared library. Only the bytes decide. */
export function mayBeLinkedElf(layout: string): boolean {
  return /^install\/(?:bin\/[^/]+|.*\.so(?:\.[0-9.]+)?)$/.test(layout);
}
