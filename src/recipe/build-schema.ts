import * as v from 'valibot';
import {
  conditionalList,
  conditionalTexts,
  requiredConditionalList,
} from '../data/conditional-schema.js';
import type {Conditional} from '../data/condition.js';
import {
  describe,
  map,
  mapByKey,
  optional,
  record,
  text,
  type Schema,
  type TextForm,
} from '../data/schema.js';
import {relativePathForm} from './pin-schema.js';
import type {ExpectedAnswer, RecipeBuild} from './recipe.js';

const scriptForm: TextForm = {pattern: /^\w[\w.-]*$/, wanted: 'a file beside the recipe'};

/** Answers by file and name: `{config.log: {ac_cv_func_fork: "yes"}}`. */
const answers = v.pipe(
  record(
    v.string(),
    record(
      text({pattern: /^\w+$/, wanted: 'the name of a variable or a macro'}),
      v.nullable(text({pattern: /^/, wanted: 'the answer wanted, or null for none'})),
      'a map from name to answer',
    ),
    'a map from file to the answers in it',
  ),
  v.transform((files): readonly ExpectedAnswer[] =>
    Object.entries(files).flatMap(([file, named]) =>
      Object.entries(named).map(([name, value]) => ({file, name, value: value ?? undefined})),
    ),
  ),
);

const expect: Schema<readonly Conditional<ExpectedAnswer>[]> = describe(
  v.pipe(
    conditionalList('answers', answers),
    v.transform((entries) => entries.map(({when, values}) => ({when, values: values.flat()}))),
  ),
  'What configure must have found, by file and name; null: the file must not define it. The last answer for a name counts.',
);

const steps = {
  directory: describe(
    optional(text(relativePathForm), '.'),
    'Where configure and make run, relative to the source. Default: its top.',
  ),
  prepare: describe(
    conditionalTexts('run'),
    "Shell lines before configure, run in the source's folder.",
  ),
  cflags: describe(conditionalTexts('flags'), 'Flags added to CFLAGS.'),
  cppflags: describe(
    conditionalTexts('flags'),
    'Flags added to CPPFLAGS and CFLAGS: includes and defines that the preprocessor must see as well.',
  ),
  expect,
  tidy: describe(
    conditionalTexts('run'),
    'Shell lines after install, run in the installed prefix.',
  ),
};

const autotools = map({
  system: v.literal('autotools'),
  program: describe(
    optional(text(), './configure'),
    'The configure script, relative to the directory. Default: ./configure.',
  ),
  configure: describe(
    conditionalTexts('arguments'),
    'Arguments of configure after --build, --host and --prefix.',
  ),
  make: describe(
    conditionalTexts('arguments'),
    'Targets and variables of make. Default: the default target.',
  ),
  install: describe(
    optional(requiredConditionalList('arguments', text()), [{when: {}, values: ['install']}]),
    'Targets and variables of the make that installs. Default: install.',
  ),
  ...steps,
});

const script = map({
  system: v.literal('script'),
  configure: describe(conditionalTexts('run'), 'Shell lines that configure.'),
  make: describe(
    requiredConditionalList('run', text(), 'shell lines, as the system is script'),
    'Shell lines that build.',
  ),
  install: describe(
    requiredConditionalList('run', text(), 'shell lines, as the system is script'),
    'Shell lines that install below /build/staging with the prefix /deps.',
  ),
  ...steps,
});

const hooks = map({
  system: v.literal('hooks'),
  prepare: describe(
    conditionalTexts('script', scriptForm),
    'Scripts beside the recipe that run before configure.',
  ),
  configure: describe(
    conditionalTexts('arguments'),
    'Arguments of configure after --build, --host and --prefix.',
  ),
  expect,
  make: describe(
    requiredConditionalList('script', text(scriptForm), 'a script, as the system is hooks'),
    'Scripts beside the recipe that build.',
  ),
  install: describe(
    requiredConditionalList('script', text(scriptForm), 'a script, as the system is hooks'),
    'Scripts beside the recipe that install.',
  ),
  instrument: describe(
    conditionalTexts('script', scriptForm),
    'Scripts beside the recipe in place of make and install, for the option pgo: the interpreter that is trained.',
  ),
  train: describe(
    conditionalTexts('script', scriptForm),
    'Scripts beside the recipe that run this interpreter, from /in, and write its profile to /out.',
  ),
  files: describe(
    conditionalTexts('file', scriptForm),
    'Files beside the recipe that the scripts call.',
  ),
});

/** The schema of the `build:` block. */
export const buildSchema: Schema<RecipeBuild> = mapByKey('system', {autotools, script, hooks});
