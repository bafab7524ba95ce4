import {defineConfig, globalIgnores} from 'eslint/config';
import {createTypeScriptImportResolver} from 'eslint-import-resolver-typescript';
import {importX} from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** The floors of the house, lowest first: a room imports only from itself and from floors below its own. */
const floors = [
  ['core', 'elf', 'data', 'thread', 'files'],
  [
    'recipe',
    'target',
    'profile',
    'setup-local',
    'graph',
    'debian',
    'distribution',
    'executor',
    'store',
    'report',
    'archive',
  ],
  ['policy', 'installation'],
  ['stages', 'scheduler', 'fetch', 'suite'],
  ['builder'],
  ['cli'],
];

const zones = floors
  .flatMap((rooms, floor) =>
    rooms.map((room) => ({
      target: `./src/${room}`,
      from: floors
        .slice(floor)
        .flat()
        // `core` is the ground that every other room of the first floor stands on.
        .filter((other) => other !== room && other !== 'core')
        .map((other) => `./src/${other}`),
      message: `${room}/ stands on floor ${floor + 1}: it imports only from its own room and from floors below (ARCHITECTURE.md, "Floors"). Move shared types and ports to core/.`,
    })),
  )
  .filter(({from}) => from.length > 0);

const noEnum = {selector: 'TSEnumDeclaration', message: 'Use a union of string literals.'};

const restrictedImport = (name, alternative) => ({name, message: alternative});

const processImports = ['node:child_process', 'child_process'].map((name) =>
  restrictedImport(
    name,
    'Only an adapter (executor/local) starts processes: use the Executor port.',
  ),
);

const engineImport = restrictedImport(
  'dockerode',
  'Only executor/docker talks to an engine: use the Executor port.',
);

/** What a stage has made may contain links to files of the host. */
const readerImports = [
  ['node:fs', ['readFileSync', 'openSync', 'createReadStream']],
  ['node:fs/promises', ['readFile', 'open']],
].map(([name, importNames]) => ({
  name,
  importNames,
  message: 'Artifacts are read by core/tree-file.ts, which never leaves them.',
}));

export default defineConfig(
  globalIgnores(['lib/', 'dist/', 'node_modules/', 'test/fixtures/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: {'import-x': importX},
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({project: './tsconfig.json'})],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', {basePath: import.meta.dirname, zones}],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', {ignoreUsingDeclarations: true}],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        {ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true},
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        {considerDefaultExhaustiveForUnions: true},
      ],
      'no-restricted-syntax': ['error', noEnum],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [...processImports, engineImport],
        },
      ],
      'no-restricted-properties': [
        'error',
        ...['env', 'argv', 'exit', 'exitCode', 'stdout', 'stderr', 'on', 'once', 'cwd'].map(
          (property) => ({
            object: 'process',
            property,
            message: 'Only builder/ and cli/ read or set process state: take it as a parameter.',
          }),
        ),
      ],
    },
  },
  {
    files: ['src/{distribution,elf,setup-local,stages}/**/*.ts', 'src/cli/audit/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {paths: [...processImports, engineImport, ...readerImports]},
      ],
    },
  },
  {
    files: ['src/executor/local/**/*.ts'],
    rules: {'no-restricted-imports': 'off'},
  },
  {
    files: ['src/executor/docker/**/*.ts'],
    rules: {'no-restricted-imports': ['error', {paths: processImports}]},
  },
  {
    files: ['src/builder/**/*.ts', 'src/cli/**/*.ts'],
    rules: {'no-restricted-properties': 'off'},
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/print.ts', 'src/cli/run-to-end.ts', 'src/cli/main.ts', 'src/cli/start.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        noEnum,
        {
          selector: "MemberExpression[object.object.name='process'][property.name='write']",
          message: 'Text may contain control sequences: use cli/print.ts.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', '*.config.ts', 'bench/**/*.ts'],
    rules: {
      'import-x/no-default-export': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
