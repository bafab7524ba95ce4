// Which variants there are: every Python of the recipe with every set of options that makes sense.
import {valueOrThrow} from '../../lib/core/errors.js';
import {
  buildOptionTable,
  parseBuildOptions,
  printBuildOptions,
} from '../../lib/core/build-options.js';
import {isPythonIn} from '../../lib/data/condition.js';
import {profilePlace} from '../../lib/profile/profile-record.js';
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

/** Whether a variant is trained in its build, because the project has no profile for it. */
function isTrained({profiles}, {options, ...parts}) {
  const trained = options.replace(/\+lto\b/, '');
  return options.includes('pgo') && !profiles.has(profilePlace({...parts, options: trained}));
}

/** Every variant of a project: `{series, version, target, options, isTrained}`. */
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
          isTrained: isTrained(project, {python: python.series, target, options}),
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
