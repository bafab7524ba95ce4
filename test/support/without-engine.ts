import {existsSync} from 'node:fs';

/** How a command is started. */
interface Start {
  readonly environment: NodeJS.ProcessEnv;
  readonly wrapper: readonly string[];
}

/** How to start a command where nothing is at the usual places of engines, whatever this machine has. */
export function withoutEngine(homeFolder: string): Start {
  const environment = {HOME: homeFolder, XDG_RUNTIME_DIR: homeFolder, DOCKER_HOST: undefined};
  if (!['/run/docker.sock', '/run/podman/podman.sock'].some(existsSync)) {
    return {environment, wrapper: []};
  }
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  const [asRoot, asBefore] =
    uid === 0
      ? [[], '']
      : [['--user', '--map-root-user'], `unshare --user --map-user=${uid} --map-group=${gid} --`];
  const hide = `mount -t tmpfs none /run && exec ${asBefore} "$@"`;
  return {environment, wrapper: ['unshare', '--mount', ...asRoot, 'sh', '-c', hide, 'sh']};
}
