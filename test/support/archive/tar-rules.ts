import type {Header} from 'tar-stream';

/** What every client accepts in an archive, one line per offence. */
export function headerProblems(
  headers: readonly Header[],
  epochSeconds: number,
): readonly string[] {
  return headers.flatMap((header) => {
    const {name, type, uid, gid, mtime, mode, uname, gname, pax} = header;
    const wanted: readonly (readonly [boolean, string])[] = [
      [type === 'file' || type === 'symlink', `is a ${type}`],
      [uid === 0 && gid === 0 && uname === '' && gname === '', 'has an owner'],
      [mtime.getTime() === epochSeconds * 1000, `is of ${mtime.toISOString()}`],
      [type === 'symlink' || mode === 0o644 || mode === 0o755, `has mode ${mode.toString(8)}`],
      [pax === null || pax === undefined, 'has pax records'],
      [/^python\/(?!.*(?:^|\/)\.\.?(?:\/|$)).+[^/]$/.test(name), 'is not a plain path in python/'],
      [!name.includes('/__pycache__/') && !name.endsWith('.pyc'), 'is a compiled file'],
    ];
    return wanted.filter(([isKept]) => !isKept).map(([, what]) => `${name} ${what}`);
  });
}

/** Links that are absolute, leave the archive, or point at nothing in it. */
export function linkProblems(headers: readonly Header[]): readonly string[] {
  const known = new Set(headers.flatMap(({name}) => ancestorsOf(name)));
  return headers.flatMap(({name, type, linkname}) => {
    if (type !== 'symlink') return [];
    const target = new URL(linkname, `file:///${name}`).pathname.slice(1).replace(/\/$/, '');
    const isInside = !linkname.startsWith('/') && known.has(decodeURIComponent(target));
    return isInside ? [] : [`${name} -> ${linkname}`];
  });
}

function ancestorsOf(name: string): readonly string[] {
  const parts = name.split('/');
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}
