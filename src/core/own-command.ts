let ownName = 'ampoule';

/** Says how this process's user types the name of the program, once, when it starts: `./ampoule`, a path, `ampoule`. */
export function nameOwnCommand(asTyped: string): void {
  ownName = asTyped;
}

/** A command of Ampoule as this user must type it, for messages: `ownCommand('log zlib')` is `./ampoule log zlib`. */
export function ownCommand(words: string): string {
  return `${ownName} ${words}`;
}
