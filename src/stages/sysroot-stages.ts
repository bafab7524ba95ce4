import path from 'node:path';
import type {Target} from '../core/target.js';
import type {Platform} from '../core/variant.js';
import {glibcFloorFunction} from '../elf/host-function.js';
import {hostStage, type Stage} from '../graph/stage.js';
import {compilerPath, configSitePath} from '../recipe/environment.js';
import {imageStage} from './image-stage.js';
import {toolMounts, type PlatformNames} from './names.js';
import type {Image} from './project.js';

/**
 * `sysroot/<triple>`: the suite's packages unchanged, or cut to a glibc floor. A floor takes three stages:
 * `suite/<triple>` unpacks the packages, `glibc-floor/<triple>` writes the sources of stub libraries and all other
 * texts, `sysroot/<triple>` assembles and links them.
 */
export function sysrootStages(
  image: Image,
  names: PlatformNames,
  context: Platform,
): readonly Stage[] {
  const {target, glibcFloor: floor} = context;
  if (floor === undefined) return [imageStage(names.sysroot, image)];
  const suite = imageStage(names.suite, image);
  const texts = hostStage(glibcFloorFunction, {
    id: names.floorTexts,
    parameters: {
      floor,
      multiarch: target.multiarch,
      loader: path.posix.basename(target.loader),
    },
    sources: [],
    inputs: {suite: suite.id},
  });
  const sysroot: Stage = {
    kind: 'sandbox',
    id: names.sysroot,
    rootfs: names.rootfs,
    mounts: [
      ...toolMounts(names),
      {guestPath: '/sysroot', stages: [suite.id]},
      {guestPath: '/in', stages: [texts.id]},
    ],
    sources: [],
    files: {},
    environment: {
      PATH: `${compilerPath(context.toolchain)}:/usr/bin`,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
    },
    script: linkScript(target),
  };
  return [suite, texts, sysroot];
}

/** Of the suite's libc, only start files and what is part of every program is taken. */
function linkScript({gnu, multiarch, loader}: Target): string {
  const directory = path.posix.dirname(loader);
  const libraries = path.posix.relative(directory, `/lib/${multiarch}`);
  return `set -eu
folder=${multiarch}
mkdir -p "/out/lib/$folder" "/out/usr/lib/$folder" /out${configSitePath.replace(/^\/sysroot|\/[^/]*$/g, '')}

# What a compiler reads and links from the suite as it is.
cp -R --preserve=links /sysroot/usr/include /out/usr/include
cp -R --preserve=links /sysroot/usr/lib/gcc /out/usr/lib/gcc
cp "/sysroot/usr/lib/$folder"/*crt*.o "/sysroot/usr/lib/$folder/libc_nonshared.a" "/out/usr/lib/$folder/"
cp -P "/sysroot/lib/$folder"/libgcc_s.so.* "/out/lib/$folder/"
cp -P "/sysroot/usr/lib/$folder"/libatomic.so.* "/out/usr/lib/$folder/"

# What the floor changes.
cp -R /in/include/. /out/usr/include/
cp /in/scripts/* "/out/usr/lib/$folder/"
cp /in/config.site ${configSitePath.replace('/sysroot', '/out')}
for source in /in/libraries/*.s; do
  soname=$(basename "$source" .s)
  clang --target=${gnu} -c -o "/build/$soname.o" "$source"
  ld.lld -shared -s --build-id=none --soname="$soname" --version-script="/in/libraries/$soname.map" \\
    -o "/out/lib/$folder/$soname" "/build/$soname.o"
  name=\${soname%.so.*}
  [ ! -L "/sysroot/usr/lib/$folder/$name.so" ] || ln -s "../../../lib/$folder/$soname" "/out/usr/lib/$folder/$name.so"
  # From 2.34 on an empty archive stands for a library that has become a part of libc.
  [ -e "/sysroot/usr/lib/$folder/$name.so" ] || [ ! -e "/sysroot/usr/lib/$folder/$name.a" ] ||
    cp "/sysroot/usr/lib/$folder/$name.a" "/out/usr/lib/$folder/"
done

# The path that programs name.
mkdir -p /out${directory}
ln -s ${libraries}/${path.posix.basename(loader)} /out${loader}
`;
}
