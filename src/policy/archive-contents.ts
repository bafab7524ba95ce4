import type {ArchiveMember} from '../archive/read-archive.js';
import type {Target} from '../core/target.js';
import type {Flavour} from '../distribution/flavours.js';
import type {ArchiveIdentity} from './archive-identity.js';
import type {BuildPath} from './build-paths.js';
import type {CompressionFacts} from './compression-facts.js';
import type {ElfFacts} from './elf-facts.js';
import type {ParsedPythonJson} from './python-json.js';

/** A member of the archive without its content. */
export interface MemberFacts extends Omit<ArchiveMember, 'read' | 'chunks' | 'pax'> {
  /** The names of its pax records. */
  readonly pax: readonly string[];
}

/** A static library without its members' contents. */
export interface StaticLibraryFacts {
  readonly path: string;
  readonly hasIndex: boolean;
  /** Members, except the index, that are not relocatable ELF objects. */
  readonly foreignMembers: readonly string[];
  /** Members with a time or owner. */
  readonly stampedMembers: readonly string[];
}

/** A file whose content does not match its type. */
export interface UnreadableFile {
  readonly path: string;
  readonly problem: string;
}

/** What rules check. */
export interface ArchiveContents extends ReadContents {
  /** The targets that the archive may be for, by triple. */
  readonly targets: ReadonlyMap<string, Target>;
}

/**
 * The facts about an archive, gathered in one pass over its bytes. Paths are those of the archive and begin with
 * `python/`.
 */
export interface ReadContents {
  readonly fileName: string;
  /** `undefined` if it is not the name of a release asset. */
  readonly identity: ArchiveIdentity | undefined;
  readonly flavour: Flavour;
  readonly compression: CompressionFacts;
  /** In the order of the archive. */
  readonly members: readonly MemberFacts[];
  readonly byPath: ReadonlyMap<string, MemberFacts>;
  /** Every folder that contains members, without a trailing slash. */
  readonly folders: ReadonlySet<string>;
  /** The folder that corresponds to `/install` of the build: `python/install` or `python`. */
  readonly prefix: string;
  /** `3.14`: from the file name, else from the folder of the standard library, else empty. */
  readonly majorMinor: string;
  /** The `sys.abiflags` that the build option implies. */
  readonly abiFlags: string;
  /** `python/install/lib/python3.14` */
  readonly standardLibrary: string;
  /** The content of the files that rules read as a whole. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** The interpreter named in the first line of a script, by path. */
  readonly shebangs: ReadonlyMap<string, string>;
  /** Every ELF file, the members of static libraries included. */
  readonly elfFiles: readonly ElfFacts[];
  readonly staticLibraries: readonly StaticLibraryFacts[];
  readonly unreadable: readonly UnreadableFile[];
  /** Paths of the build's sandbox in files. */
  readonly buildPaths: readonly BuildPath[];
  /** `undefined` without a PYTHON.json. */
  readonly pythonJson: ParsedPythonJson | undefined;
}
