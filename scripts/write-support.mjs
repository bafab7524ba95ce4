// Writes docs/support.md from docs/results/: what was built and tested of everything that the recipes pin.
//   node scripts/write-support.mjs [--check]     --check writes nothing, and exits with 1 if the page is out of date
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {optionSets, isPossible} from '../bench/variants/option-sets.mjs';
import {readRecords, recordName} from '../bench/variants/records.mjs';
import {loadProject} from '../lib/builder/load-project.js';
import {pythonsOf, versionOf} from '../lib/stages/pythons.js';

const figureColumns = [
  ...['options', 'minutes', 'full, MB', 'install_only, MB', 'stripped, MB', 'end-to-end tests'],
  ...['suite passed', 'failed', 'skipped', 'second build', 'time'],
];

const file = path.resolve(import.meta.dirname, '../docs/support.md');
const text = render(await loadProject(), readRecords());
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/support.md is out of date. Next: node scripts/write-support.mjs\n');
  process.exitCode = 1;
}

function render(project, records) {
  const pythons = pythonsOf(project);
  const parts = [
    `# What was built and tested

Written from \`docs/results/\` by \`npm run variants\`. See [variants.md](variants.md) for what the options mean.

- **tested** on a date: built, validated, used by the end-to-end tests, and CPython's own test suite has no unexpected failure.
- **built** on a date: some of these checks were not made, or found something, which is said.
- **pinned**: the recipe has its sources and nothing is known against it, but nobody has recorded a build here.
- **–**: the options do not go with this Python.
`,
  ];
  for (const target of project.targets.keys()) {
    const columns = pythons.map((python) => ({
      series: python.series,
      pinned: ['upstream', 'debian'].map((set) => versionOf(python, set)),
    }));
    parts.push(
      `\n## ${target}\n\n`,
      table(
        [
          'options',
          ...columns.map(({series, pinned}) => `${series} (${[...new Set(pinned)].join(', ')})`),
        ],
        optionSets.map((options) => [
          `\`${options}\``,
          ...columns.map(({series, pinned}) =>
            isPossible(pinned[0], options)
              ? status(records.get(recordName({series, target, options})), pinned)
              : '–',
          ),
        ]),
      ),
    );
    for (const {series} of columns) {
      const rows = optionSets.flatMap((options) => {
        const found = records.get(recordName({series, target, options}));
        return found?.archives === undefined ? [] : [figures(found)];
      });
      if (rows.length === 0) continue;
      parts.push(`\n### Figures of ${series}\n\n`, table(figureColumns, rows));
    }
  }
  parts.push(`
The minutes are those of the distribution's own stages on the given number of processors; dependencies were built before.
Sizes are those of the archives. The time is that of ten short loops of Python code (\`bench/options.mjs\`), as a
ratio to \`noopt\` of the same Python: less is faster. The second build is made in another store with other numbers of jobs.
A profile that is trained in the build differs each time: without a frozen profile, two builds with \`pgo\` have different bytes.
`);
  return parts.join('');
}

function status(found, pinned) {
  if (found === undefined) return 'pinned';
  const {date, python, build} = found;
  if (!pinned.includes(python)) return `pinned; ${python} was built ${date}`;
  if (build?.failed !== undefined) return `**does not build**, ${date}`;
  const lacking = shortcomings(found);
  return lacking.length === 0 ? `tested ${date}` : `built ${date}: ${lacking.join(', ')}`;
}

/** Why a variant does not count as tested. */
function shortcomings({validate, endToEnd, suite}) {
  return [
    ...finding(validate, 'validation', (checks) => checks.broken),
    ...finding(endToEnd, 'end-to-end tests', (tests) => tests.failed),
    ...finding(suite, 'test suite', (tests) => tests.unexpected.length),
  ];
}

function finding(result, name, count) {
  if (result === undefined) return [`no ${name}`];
  const failed = count(result);
  return failed === 0 ? [] : [`${failed} failed of ${name}`];
}

function figures({options, build, archives, endToEnd, suite, secondBuild, benchmark}) {
  const megabytes = (flavour) => {
    const found = archives.find((archive) => archive.flavour === flavour);
    return found === undefined ? '–' : (found.sizeBytes / 1e6).toFixed(1);
  };
  return [
    `\`${options}\``,
    minutesText(build),
    ...['full', 'install_only', 'install_only_stripped'].map(megabytes),
    endToEnd === undefined ? '' : `${endToEnd.passed} of ${endToEnd.passed + endToEnd.failed}`,
    ...(suite === undefined
      ? ['', '', '']
      : [suite.passed, `${suite.failed} (${suite.unexpected.length} unexpected)`, suite.skipped]),
    secondText(secondBuild),
    options === 'noopt' ? '1' : (benchmark?.mean.toFixed(2) ?? ''),
  ];
}

function minutesText({minutes, training, processors} = {}) {
  if (minutes === undefined) return '';
  const extra = training === undefined ? '' : ` + ${training.toFixed(1)} of training`;
  return `${minutes.toFixed(1)}${extra} on ${processors}`;
}

function secondText(second) {
  if (second === undefined) return '';
  if (second.failed !== undefined) return 'failed';
  return second.same ? 'same bytes' : `differs: ${second.differ.join(', ')}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}
