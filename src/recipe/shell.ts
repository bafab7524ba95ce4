/** Quotes a word for the shell. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes words and joins them with spaces. */
export function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(' ');
}
