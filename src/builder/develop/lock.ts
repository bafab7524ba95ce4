import path from 'node:path';
import {sha256} from '../../core/digest.js';
import type {Session} from '../session.js';
import {acquireOwnerLock, lockIn} from '../../store/owner-lock.js';
import type {OwnerLock} from '../../store/store.js';
import type {BuildFolder} from './build-folder.js';

/** Takes the lock of a build folder: make, and shells, have the folder for themselves. */
export async function lockBuildFolder(build: BuildFolder, session: Session): Promise<OwnerLock> {
  const {owners} = session.store.layout;
  return acquireOwnerLock(
    {path: path.join(build.state, 'lock'), owners},
    session.resources.signal,
    ({title}) =>
      notify(session, `waiting for ${title}, which builds or has a shell in ${build.path}`),
  );
}

/** Takes the lock of a tree: what writes into it, from whichever build folder, has it for itself. */
export async function lockTree(tree: string, session: Session): Promise<OwnerLock> {
  return acquireOwnerLock(
    lockIn(session.store.layout, `tree-${sha256(tree)}`),
    session.resources.signal,
    ({title}) => notify(session, `waiting for ${title}, which regenerates files in ${tree}`),
  );
}

function notify(session: Session, message: string): void {
  session.resources.onEvent({type: 'notice', message});
}
