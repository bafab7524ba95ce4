/** A word that the shell reads as exactly this text. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Words, each quoted, with blanks between them. */
export function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(' ');
}
