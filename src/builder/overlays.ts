import type {Dirent} from 'node:fs';
import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {sha256} from '../core/digest.js';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import {didYouMean} from '../data/nearest.js';
import {describe, map, text} from '../data/schema.js';
import {parseYamlFile} from '../data/yaml-file.js';
import type {Overlay} from '../stages/project.js';
import {projectFiles} from './project-files.js';

/** What identifies an overlay. */
export type OverlayIdentity = Omit<Overlay, 'modules'>;

/** The file that makes a folder an overlay. */
const overlayFile = 'overlay.yaml';

/** What an overlay may contain: images and the toolchain belong to a project. */
const rooms = ['recipes', 'static-modules', 'targets', 'licenses', 'profiles'];

/** The schema of `overlay.yaml`. */
export const overlaySchema = map({
  name: describe(
    text({
      // Clients take the name of an archive apart at "-", and what is built from a tree says ".tree".
      pattern: /^(?!tree$)[a-z][a-z0-9]{0,31}$/,
      wanted: 'a name of at most 32 lower-case letters and digits, other than tree',
    }),
    'Follows the date in the names of archives: cpython-3.14.7+20260805.<name>-...',
  ),
  description: describe(v.exactOptional(text()), 'What it is for. distribution.json repeats it.'),
});

/** Reads what identifies overlays, in their order. Returns all mistakes at once. */
export async function readOverlays(
  folders: readonly string[],
): Promise<Result<readonly OverlayIdentity[]>> {
  const overlays: OverlayIdentity[] = [];
  const mistakes: Diagnostic[] = [];
  for (const folder of folders) {
    const overlay = await readOverlay(folder);
    if (!overlay.ok) mistakes.push(...overlay.diagnostics);
    else if (overlays.some(({name}) => name === overlay.value.name)) {
      const message = `"name" is ${overlay.value.name}, which an earlier overlay has: each needs its own`;
      mistakes.push({file: path.join(folder, overlayFile), message});
    } else overlays.push(overlay.value);
  }
  return mistakes.length > 0 ? failure(mistakes) : success(overlays);
}

async function readOverlay(folder: string): Promise<Result<OverlayIdentity>> {
  const mistake = (message: string) => failure<OverlayIdentity>([{file: '--overlay', message}]);
  const entries: readonly string[] | undefined = await readdir(folder).catch(() => undefined);
  if (entries === undefined) return mistake(`there is no folder ${path.resolve(folder)}`);
  const files = projectFiles([folder]);
  const yaml = await files.read(overlayFile);
  if (yaml === undefined) {
    return mistake(
      `${path.resolve(folder)} has no ${overlayFile}. Expected a file with a name: "name: acme".`,
    );
  }
  const foreign = entries.filter(
    (entry) => ![...rooms, overlayFile].includes(entry) && !/^\.|^(README|LICEN[CS]E)/i.test(entry),
  );
  if (foreign.length > 0) {
    return mistake(
      `${path.resolve(folder)} has ${foreign.join(', ')}. Expected ${rooms.join(', ')}.` +
        foreign.map((entry) => didYouMean(entry, rooms)).join(''),
    );
  }
  const unread = (await Promise.all(rooms.map((room) => unreadIn(folder, room)))).flat();
  if (unread.length > 0) return failure(unread);
  const written = parseYamlFile(overlaySchema, yaml, path.join(folder, overlayFile));
  if (!written.ok) return written;
  const names = [
    overlayFile,
    ...(await Promise.all(rooms.map((room) => files.below(room)))).flat(),
  ];
  const lines = names.map(async (name) => {
    return `${sha256(await readFile(path.join(folder, name)))}  ${name}\n`;
  });
  return success({...written.value, sha256: sha256((await Promise.all(lines)).join(''))});
}

/** What a build would pass over, or read without its being part of the digest. */
async function unreadIn(folder: string, room: string): Promise<readonly Diagnostic[]> {
  const top = path.join(folder, room);
  const stats = await stat(top).catch(() => undefined);
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [{file: top, message: 'is no folder'}];
  const entries = await readdir(top, {recursive: true, withFileTypes: true});
  return entries.flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const message = whyUnread(room, path.relative(top, file), entry);
    return message === undefined ? [] : [{file, message}];
  });
}

function whyUnread(room: string, name: string, entry: Dirent): string | undefined {
  if (entry.isDirectory()) return undefined;
  if (!entry.isFile())
    return 'is neither a file nor a folder: links in an overlay are not followed';
  if (name.endsWith('.yml')) return 'is not read: its name must end in ".yaml"';
  if (room === 'recipes' && name === entry.name && name.endsWith('.yaml')) {
    return `is not read: a recipe is recipes/${path.parse(name).name}/recipe.yaml`;
  }
  return undefined;
}
