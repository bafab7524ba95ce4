import type {SysconfigVariables} from '../data/sysconfig-data.js';

/** What a folder with a Python in it looks like. */
export type TreeLayout =
  /** `bin/` and `lib/pythonX.Y/`: an installation, a system's prefix, an unpacked `install_only` archive. */
  | 'prefix'
  /** `PYTHON.json` and `install/`: the unpacked `python/` of a full archive. */
  | 'full archive'
  /** Where CPython was configured and made. */
  | 'build folder';

/** A Python that lies in a folder. Paths are absolute. */
export interface Installation {
  readonly layout: TreeLayout;
  /** The folder that was named, or the one that the named interpreter belongs to. */
  readonly rootPath: string;
  /** The folder that holds `bin` and `lib`; of a build folder, the folder itself. */
  readonly prefix: string;
  /** The interpreter, with links resolved. */
  readonly executable: string;
  /** The folder of `os.py`. */
  readonly standardLibrary: string;
  /** The folder of shared extension modules, which may be missing. */
  readonly dynamicLoad: string;
  /** The folder of the Makefile, of `config.c` and of the Setup files, which may be missing. */
  readonly configuration: string;
  /** `3.14` */
  readonly majorMinor: string;
  /** What sysconfig knows; empty where its file is missing or cannot be read. */
  readonly sysconfig: SysconfigVariables;
  /** Why `sysconfig` is empty. */
  readonly sysconfigProblem?: string;
}

/** A variable of sysconfig as text; `undefined` where it is missing or empty. */
export function variable({sysconfig}: Installation, name: string): string | undefined {
  const value = sysconfig.get(name);
  return value === undefined || value === '' ? undefined : String(value);
}
