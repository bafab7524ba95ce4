const codes: readonly unknown[] = ['EROFS', 'EACCES'];

/** Whether this process may only read what it tried to write. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}

/** Does something that a store which can only be read goes without. */
export async function unlessReadOnly<T>(
  work: () => Promise<T>,
  otherwise: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isReadOnly(error)) return otherwise();
    throw error;
  }
}
