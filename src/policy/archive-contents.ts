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
  /** Members, index apart, that are no relocatable ELF objects. */
  readonly foreignMembers: readonly string[];
  /** Members with a time or an owner. */
  readonly stampedMembers: readonly string[];
}

/** A file whose content contradicts its kind. */
export interface UnreadableFile {
  readonly path: string;
  readonly problem: string;
}

/** What rules look at. */
export interface ArchiveContents extends ReadContents {
  /** The targets that the archive may be for, by triple. */
  readonly targets: ReadonlyMap<string, Target>;
}

/**
 * Everything that is worth knowing of an archive, gathered in one pass over its bytes. Paths are those of the archive and
 * begin with `python/`.
 */
export interface ReadContents {
  readonly fileName: string;
  /** `undefined` when the name is not that of a release asset. */
  readonly identity: ArchiveIdentity | undefined;
  readonly flavour: Flavour;
  readonly compression: CompressionFacts;
  /** In the order of the archive. */
  readonly members: readonly MemberFacts[];
  readonly byPath: ReadonlyMap<string, MemberFacts>;
  /** Every folder that some member lies in, without a slash at the end. */
  readonly folders: ReadonlySet<string>;
  /** What `/install` of the build became: `python/install` or `python`. */
  readonly prefix: string;
  /** `3.14`: from the name, else from the standard library's folder, else empty. */
  readonly majorMinor: string;
  /** `sys.abiflags` that the build option asks for. */
  readonly abiFlags: string;
  /** `python/install/lib/python3.14` */
  readonly standardLibrary: string;
  /** The content of the few files that rules read as a whole. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** The interpreter named in the first line of a script, by path. */
  readonly shebangs: ReadonlyMap<string, string>;
  /** Every ELF file, the members of static libraries included. */
  readonly elfFiles: readonly ElfFacts[];
  readonly staticLibraries: readonly StaticLibraryFacts[];
  readonly unreadable: readonly UnreadableFile[];
  /** Paths of the build's sandbox that were left in files. */
  readonly buildPaths: readonly BuildPath[];
  /** `undefined` where there is no PYTHON.json. */
  readonly pythonJson: ParsedPythonJson | undefined;
}
