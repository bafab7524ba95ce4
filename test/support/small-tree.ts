import {execFileSync} from 'node:child_process';
import {chmod, cp, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A folder with a small tree that has what every tree of CPython has, and builds in no time. */
export interface SmallTree extends AsyncDisposable {
  /** The folder that the tree and its build folders lie in. */
  readonly folder: string;
  readonly tree: string;
  write(file: string, text: string): Promise<void>;
  git(...words: readonly string[]): string;
  /** Lets a target of the Makefile say `holding` and wait for the file `go` in the tree; returns the Makefile before. */
  holdTarget(target: string): Promise<string>;
}

/** `Include/patchlevel.h` of a version; `level` is the name of a macro without its prefix. */
export function patchLevel(version: string, level = 'FINAL', serial = 0): string {
  const [major, minor, micro] = version.split('.');
  return [
    `#define PY_RELEASE_LEVEL_ALPHA  0xA`,
    `#define PY_MAJOR_VERSION        ${major ?? ''}`,
    `#define PY_MINOR_VERSION        ${minor ?? ''}`,
    `#define PY_MICRO_VERSION        ${micro ?? ''}`,
    `#define PY_RELEASE_LEVEL        PY_RELEASE_LEVEL_${level}`,
    `#define PY_RELEASE_SERIAL       ${serial}`,
    '',
  ].join('\n');
}

/** Its "interpreter" runs the words after `-c` as a shell script; each object says when it is compiled. */
const makefile = `\
objects = Objects/one.o Objects/two.o
python: $(objects)
	printf '#!/bin/sh\\n[ "$$1" = -c ] && eval "$$2" || echo "$$0 $$*"\\n' >$@; chmod +x $@
$(objects): %.o: $(srcdir)/%.c
	@echo compiling $<; mkdir -p $(@D); cp $< $@
clean:
	rm -rf python Objects
Makefile:
regen-all clinic:
	echo $@ with $(PYTHON_FOR_REGEN) >>$(srcdir)/generated.txt
.PHONY: clean regen-all clinic
`;

const configure = `#!/bin/sh
echo configuring "$@"
{ echo "srcdir = $(dirname "$0")"; cat "$(dirname "$0")/Makefile.pre.in"; } >Makefile
: >config.status
`;

/** Makes such a tree. */
export async function makeSmallTree(): Promise<SmallTree> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-tree-'));
  const tree = path.join(folder, 'cpython');
  const write: SmallTree['write'] = async (file, text) => {
    await mkdir(path.dirname(path.join(tree, file)), {recursive: true});
    await writeFile(path.join(tree, file), text);
  };
  await write('configure', configure);
  await chmod(path.join(tree, 'configure'), 0o755);
  await write('Makefile.pre.in', makefile);
  await write('Include/patchlevel.h', patchLevel('3.14.7'));
  await write('Lib/os.py', '');
  await write('LICENSE', 'free\n');
  await write('Objects/one.c', 'one\n');
  await write('Objects/two.c', 'two\n');
  await cp(path.join(root, 'test/fixtures/setup-local/small'), path.join(tree, 'Modules'), {
    recursive: true,
  });
  return {
    ...{folder, tree, write},
    holdTarget: async (target) => {
      const hold = 'until [ -e $(srcdir)/go ]; do sleep 0.05; done';
      const held = `${target}: hold\nhold:\n\t@echo holding; ${hold}\n`;
      await write('Makefile.pre.in', makefile + held);
      return makefile;
    },
    git: (...words) =>
      execFileSync('git', ['-C', tree, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
        encoding: 'utf8',
      }),
    [Symbol.asyncDispose]: () => rm(folder, {recursive: true, force: true}),
  };
}
