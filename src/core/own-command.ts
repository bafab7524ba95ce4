/** The name of this program in a command. */
export interface OwnName {
  /** As this process's user types it: `./ampoule`, a path, `ampoule`. */
  readonly asTyped: string;
  /** The same where the working directory is another one. */
  readonly anywhere: string;
}

let ownName: OwnName = {asTyped: 'ampoule', anywhere: 'ampoule'};

/** Says how this process's user types the name of the program, once, when it starts. */
export function nameOwnCommand(name: OwnName): void {
  ownName = name;
}

/** A command of Ampoule as this user must type it, for messages: `ownCommand('log zlib')` is `./ampoule log zlib`. */
export function ownCommand(words: string): string {
  return `${ownName.asTyped} ${words}`;
}

/** A command of Ampoule for a file, such as the start-up file of a shell, which is read in any working directory. */
export function ownCommandAnywhere(words: string): string {
  return `${ownName.anywhere} ${words}`;
}
