import {access} from 'node:fs/promises';

/** Whether a path leads to something; not if it cannot be reached. */
export function isThere(hostPath: string): Promise<boolean> {
  return access(hostPath).then(
    () => true,
    () => false,
  );
}
