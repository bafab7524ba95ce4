import {createHash} from 'node:crypto';
import {closeSync, linkSync, lstatSync, mkdirSync, openSync, symlinkSync, writeSync} from 'node:fs';
import path from 'node:path';
import {extract, type Extract, type Header} from 'tar-stream';
import {printableLine} from '../core/printable.js';
import {messageOf} from '../core/errors.js';
import {asBytes} from '../files/as-bytes.js';
import {TarWatch, type TarHeader} from '../data/tar-watch.js';
import {DebError} from './deb-error.js';
import {readDebMember} from './deb-file.js';
import {
  canonicalise,
  compilePlacement,
  linkTarget,
  mergedNames,
  type PathRules,
  type Placement,
} from './image-path.js';

/** One package to unpack. */
export interface DebExtraction {
  readonly packageName: string;
  /** Absolute host path of the .deb file. */
  readonly debPath: string;
  /** Absolute host path of the image's root. */
  readonly rootPath: string;
  readonly rules: PathRules;
}

/** An entry that another package has already written. Equal content is allowed, different content is an error. */
export type Clash =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Hex. */
      readonly sha256: string;
      readonly isExecutable: boolean;
    }
  | {readonly kind: 'link'; readonly path: string; readonly target: string};

/** What one package added to the image. Paths are relative to its root. */
export interface ExtractionReport {
  /** The files and links that this package was the first to write. */
  readonly written: readonly string[];
  readonly clashes: readonly Clash[];
}

/**
 * Unpacks a package's data into the root, beside other packages and possibly at the same time. Replaces nothing and
 * never writes through a symbolic link. Throws `DebError` with package and path for device nodes, pipes and paths
 * outside the root.
 */
export async function extractDeb(extraction: DebExtraction): Promise<ExtractionReport> {
  const writer = new EntryWriter(extraction);
  const tar = extract();
  let failure: DebError | undefined;
  const fail = (error: unknown): void => {
    failure ??= writer.explain(error);
    tar.destroy(null);
  };
  tar.on('error', fail);
  tar.on('entry', (header, body, next) => {
    // An exception here would end the process, because streams call the handler outside any promise.
    const guard = (work: () => void): void => {
      try {
        if (failure === undefined) work();
      } catch (error) {
        fail(error);
      }
    };
    let sink = ignore;
    guard(() => {
      sink = writer.begin(header);
    });
    body.on('error', fail);
    body.on('data', (chunk) => guard(() => sink.write(asBytes(chunk))));
    body.on('end', () => {
      guard(() => sink.end());
      next();
    });
  });
  const closed = new Promise<void>((resolve) => {
    tar.once('close', resolve);
  });
  try {
    for await (const chunk of readDebMember(extraction.debPath, 'data')) {
      if (failure !== undefined) break;
      writer.watch.unpack(chunk.length);
      if (!tar.write(chunk)) await Promise.race([drained(tar), closed]);
    }
    if (failure === undefined) tar.end(null);
    await closed;
    if (failure !== undefined) throw failure;
  } catch (error) {
    throw error instanceof RangeError ? writer.explain(error) : error;
  } finally {
    tar.destroy(null);
    writer.close();
  }
  return writer.report();
}

function drained(tar: Extract): Promise<void> {
  return new Promise((resolve) => {
    tar.once('drain', resolve);
  });
}

/** Takes one entry's bytes. */
interface EntrySink {
  readonly write: (chunk: Uint8Array) => void;
  readonly end: () => void;
}

const ignore: EntrySink = {write: () => undefined, end: () => undefined};

/** Writes entries synchronously: for thousands of small files, promises cost more than the writes. */
class EntryWriter {
  readonly watch = new TarWatch();
  private readonly placement: Placement;
  private readonly knownDirectories = new Set(['']);
  private readonly written = new Set<string>();
  private readonly clashes: Clash[] = [];
  /** The paths of the clashes that are files. */
  private readonly sharedFiles = new Set<string>();
  private current = '';
  private descriptor: number | undefined;

  constructor(private readonly extraction: DebExtraction) {
    this.placement = compilePlacement(extraction.rules);
  }

  begin(header: Header): EntrySink {
    this.current = header.name;
    this.watch.take(header as TarHeader);
    const name = this.isRootLink(header) ? undefined : this.placement(header.name);
    if (name === undefined) return ignore;
    switch (header.type) {
      case 'directory':
        this.makeDirectory(name);
        return ignore;
      case 'symlink':
        this.makeLink(name, header.linkname);
        return ignore;
      case 'link':
        this.makeHardLink(name, header.linkname);
        return ignore;
      case 'file':
      case 'contiguous-file':
        return this.openFile(name, (header.mode & 0o111) !== 0);
      default:
        throw new RangeError(`an entry of type ${header.type} is refused`);
    }
  }

  report(): ExtractionReport {
    return {written: [...this.written], clashes: this.clashes};
  }

  explain(error: unknown): DebError {
    if (error instanceof DebError) return error;
    const message = messageOf(error);
    return new DebError(
      `The package ${this.extraction.packageName} cannot be unpacked: ` +
        `${this.current === '' ? '' : `${shortened(this.current)}: `}${message}`,
      {cause: error},
    );
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** The links from / into /usr are part of every merged image, whichever package ships them. */
  private isRootLink(header: Header): boolean {
    const name = header.name.replace(/^\.\//, '');
    return (
      this.extraction.rules.usr === 'merged' &&
      header.type === 'symlink' &&
      mergedNames.includes(name)
    );
  }

  private openFile(name: string, isExecutable: boolean): EntrySink {
    this.makeDirectory(path.posix.dirname(name));
    const mode = isExecutable ? 0o755 : 0o644;
    let descriptor: number;
    try {
      descriptor = openSync(this.absolute(name), 'wx', mode);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      return this.compareFile(name, isExecutable);
    }
    this.written.add(name);
    this.descriptor = descriptor;
    return {
      write: (chunk) => {
        for (let done = 0; done < chunk.length;) done += writeSync(descriptor, chunk, done);
      },
      end: () => this.close(),
    };
  }

  /** The other package may still be writing, so contents are compared when all are done. */
  private compareFile(name: string, isExecutable: boolean): EntrySink {
    const hash = createHash('sha256');
    return {
      write: (chunk) => hash.update(chunk),
      end: () => {
        this.clashes.push({kind: 'file', path: name, sha256: hash.digest('hex'), isExecutable});
        this.sharedFiles.add(name);
      },
    };
  }

  private makeLink(name: string, target: string): void {
    this.makeDirectory(path.posix.dirname(name));
    const written = linkTarget(name, target, this.extraction.rules);
    try {
      symlinkSync(written, this.absolute(name));
      this.written.add(name);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      this.clashes.push({kind: 'link', path: name, target: written});
    }
  }

  private makeHardLink(name: string, target: string): void {
    const canonicalTarget = canonicalise(target, this.extraction.rules.usr);
    const isOurs = this.written.has(canonicalTarget) || this.sharedFiles.has(canonicalTarget);
    if (!isOurs) {
      throw new RangeError(
        `it is a hard link to ${shortened(target)}, which is not a file that this package put into the image`,
      );
    }
    this.makeDirectory(path.posix.dirname(name));
    linkSync(this.absolute(canonicalTarget), this.absolute(name));
    this.written.add(name);
  }

  /**
   * Makes a directory and its parents, and checks that each is a real directory. A checked one stays valid, because
   * nothing is replaced.
   */
  private makeDirectory(name: string): void {
    const directory = name === '.' ? '' : name;
    if (this.knownDirectories.has(directory)) return;
    this.makeDirectory(path.posix.dirname(directory));
    const absolute = this.absolute(directory);
    try {
      mkdirSync(absolute, 0o755);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!lstatSync(absolute).isDirectory()) {
        throw new RangeError(
          `${directory} is a directory here and something else in another package`,
          {cause: error},
        );
      }
    }
    this.knownDirectories.add(directory);
  }

  private absolute(name: string): string {
    return path.join(this.extraction.rootPath, name);
  }
}

/** A name as messages show it. */
function shortened(name: string): string {
  const line = printableLine(name);
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
