import * as v from 'valibot';
import {parseBuildOptions} from '../core/build-options.js';
import type {JsonValue} from '../core/digest.js';
import {formatDiagnostic, InternalError, type Result} from '../core/errors.js';
import type {GlibcRange, Target} from '../core/target.js';
import {llvmTargets} from '../core/toolchain.js';
import {
  check,
  choice,
  describe,
  list,
  map,
  optional,
  positiveInteger,
  record,
  text,
  type Report,
  type TextForm,
} from '../data/schema.js';
import {parseYamlLayers} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import {compareDottedVersions} from '../elf/glibc-floor.js';

const tripleForm: TextForm = {
  pattern: /^[a-z0-9_]+(-[a-z0-9_]+){2,3}$/,
  wanted: 'a triple such as x86_64-unknown-linux-gnu',
};
const glibcForm: TextForm = {
  pattern: /^2\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?$/,
  wanted: 'a glibc version such as "2.17"',
};

const elf = map({
  class: describe(
    v.pipe(
      positiveInteger(),
      v.values([32, 64], '{title} must be 32 or 64'),
      v.transform((bits): 32 | 64 => (bits === 32 ? 32 : 64)),
    ),
    'The class of ELF files: 32 or 64 bits.',
  ),
  machine: describe(
    v.pipe(
      positiveInteger(),
      v.maxValue(0xffff, '{title} must be at most 65535, an EM_* of the ELF header'),
    ),
    'The machine of ELF files, EM_*.',
  ),
});

const glibc = v.pipe(
  map({
    default: describe(text(glibcForm), 'The floor when nobody names one.'),
    oldest: describe(text(glibcForm), "What the compiler's runtime, libgcc_s.so.1, needs."),
    newest: describe(text(glibcForm), "The glibc of the sysroot's suite."),
  }),
  check(reportRange),
);

/** The schema of a `targets/<triple>.yaml`. */
export const targetSchema = map({
  triple: describe(
    text(tripleForm),
    'The name of the target, as python-build-standalone spells it: in names of archives and in "when".',
  ),
  gnu: describe(text(tripleForm), 'The GNU triple: --host of libraries, --target of the compiler.'),
  multiarch: describe(
    text(tripleForm),
    "The name of the target's folders in Debian and in CPython: x86_64-linux-gnu.",
  ),
  platform: describe(
    text({
      pattern: /^[a-z]+-[a-z0-9_]+$/,
      wanted: 'what sysconfig.get_platform() says, such as linux-x86_64',
    }),
    'The result of sysconfig.get_platform().',
  ),
  llvm: describe(choice(llvmTargets), "LLVM's name of the processor."),
  elf: describe(elf, 'The header of every ELF file.'),
  loader: describe(
    text({
      pattern: /^\/(?:[a-z0-9_]+\/)+[\w-]+\.so\.\d+$/,
      wanted: 'the absolute path of the dynamic loader, such as /lib/ld-linux-aarch64.so.1',
    }),
    'The path of the dynamic loader that programs name.',
  ),
  cflags: describe(
    optional(list(text({pattern: /^-[^\s'"\\]+$/, wanted: 'a flag of the compiler'})), []),
    'Flags of the compiler in addition to those of every target.',
  ),
  glibc: describe(glibc, 'The versions of glibc that the output can be made for.'),
  options: describe(
    optional(v.pipe(text(), check(reportOptions)), 'noopt'),
    'The build options when nobody names any, such as pgo+lto.',
  ),
  libraries: describe(
    v.pipe(
      list(
        text({
          pattern: /^[\w.+-]+\.so(?:\.\d+)*$/,
          wanted: 'the soname of a library, such as libc.so.6',
        }),
        'the libraries that files may need',
      ),
      v.nonEmpty('{title} must be a list: the libraries that files may need'),
    ),
    'The libraries of the system that files may need. The loader is always one of them.',
  ),
  answers: describe(
    optional(
      record(
        text({
          pattern: /^[a-z]\w*_cv_\w+$/,
          wanted: "a variable of Autoconf's cache, such as ac_cv_working_tzset",
        }),
        text({pattern: /^[^\n]{0,1000}$/, wanted: 'a text of one line'}),
      ),
      {},
    ),
    "Variables of Autoconf's cache that configure scripts cannot find out while they cross-compile.",
  ),
});

/**
 * Reads the text of a `targets/<triple>.yaml`, and what overlays change of it. Returns all mistakes at once, with positions
 * in their files.
 */
export function parseTarget(
  text: string,
  file: string,
  overlays: readonly TextFile[] = [],
): Result<Target> {
  return parseYamlLayers(targetSchema, [{text, file}, ...overlays]);
}

/** A target as a parameter of a host function: what its file says of the platform. */
export function targetToJson(target: Target): JsonValue {
  const {triple, gnu, multiarch, platform, llvm, loader, cflags, libraries, answers} = target;
  return {
    ...{triple, gnu, multiarch, platform, llvm, loader, cflags, libraries, answers},
    elf: {...target.elf},
    glibc: {...target.glibc},
  };
}

/** Reads the output of `targetToJson`. @throws InternalError for anything else. */
export function targetFromJson(json: JsonValue | undefined): Target {
  const target = parseTarget(JSON.stringify(json ?? null), 'target');
  if (!target.ok) throw new InternalError(target.diagnostics.map(formatDiagnostic).join('\n'));
  return target.value;
}

function reportOptions(text: string, report: Report): void {
  const options = parseBuildOptions(text);
  if (options.ok) return;
  for (const {message} of options.diagnostics) report(`"options": ${message}`);
}

function reportRange({default: usual, oldest, newest}: GlibcRange, report: Report): void {
  if (compareDottedVersions(oldest, newest) > 0) {
    report(`"oldest" is ${oldest}, later than the newest, ${newest}`, {value: ['oldest']});
  } else if (compareDottedVersions(usual, oldest) < 0 || compareDottedVersions(usual, newest) > 0) {
    report(`"default" is ${usual}, expected a version from ${oldest} to ${newest}`, {
      value: ['default'],
    });
  }
}
