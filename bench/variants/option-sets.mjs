// Which variants there are: every Python of the recipe with every set of options that makes sense.
import {valueOrThrow} from '../../lib/core/errors.js';
import {
  buildOptionTable,
  parseBuildOptions,
  printBuildOptions,
} from '../../lib/core/build-options.js';
import {isPythonIn} from '../../lib/data/condition.js';
import {pythonsOf, versionOf} from '../../lib/stages/pythons.js';

/** The sets, in the order of tables: what users install, then the same without the GIL, then what developers need. */
const candidates = [
  ...['noopt', 'lto', 'pgo', 'pgo+lto'],
  ...['freethreaded+noopt', 'freethreaded+lto', 'freethreaded+pgo', 'freethreaded+pgo+lto'],
  ...['noopt+jit', 'pgo+lto+jit', 'debug', 'freethreaded+debug', 'debug+trace-refs'],
  ...['debug+asan', 'debug+ubsan', 'debug+asan+ubsan', 'debug+tsan', 'freethreaded+debug+tsan'],
];

/** The sets that recipes can build for some Python. */
export const optionSets = candidates.flatMap((text) => {
  const parsed = parseBuildOptions(text);
  if (!parsed.ok) return [];
  const isBuildable = parsed.value.every(
    (option) => buildOptionTable[option].notBuildable === undefined,
  );
  return isBuildable ? [printBuildOptions(parsed.value)] : [];
});

/** Every variant of a project: `{series, version, target, options}`. */
export function variantsOf(project) {
  return pythonsOf(project).flatMap((python) =>
    [...project.targets.keys()].flatMap((target) =>
      optionSets
        .filter((options) => isPossible(versionOf(python, 'upstream'), options))
        .map((options) => ({
          series: python.series,
          version: versionOf(python, 'upstream'),
          target,
          options,
        })),
    ),
  );
}

/** Whether a Python can be built with a set of options. */
export function isPossible(version, options) {
  return valueOrThrow(parseBuildOptions(options)).every((option) => {
    const {pythons} = buildOptionTable[option];
    return pythons === undefined || isPythonIn(version, pythons);
  });
}
