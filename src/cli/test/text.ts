import {countOf} from '../../report/lines.js';
import type {DistributionUnderTest} from '../../suite/distribution-under-test.js';
import type {ModuleEnded} from '../../suite/run-suite.js';
import {countOutcomes, type SuiteReport} from '../../suite/suite-result.js';
import {formatTable} from '../table.js';

/** The line for a finished module. */
export function moduleLine({result, done, total, isSecondRun}: ModuleEnded): string {
  const counts = countOutcomes([result]);
  const position = `[${String(done).padStart(String(total).length)}/${total}]`;
  const parts = [
    ...(counts.failed > 0 ? [`${counts.failed} FAILED`] : []),
    ...(counts.passed > 0 ? [`${counts.passed} passed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ];
  const again = isSecondRun ? ' (again, alone)' : '';
  return `${position} ${result.module}${again}: ${parts.join(', ')} in ${result.seconds.toFixed(1)} s`;
}

/** The report of a run: a table of modules, then everything that did not pass, with its reason. */
export function suiteText({python}: DistributionUnderTest, report: SuiteReport): string {
  const {modules, counts} = report;
  const rows = modules.map((module) => {
    const {passed, failed, skipped} = countOutcomes([module]);
    return [module.module, passed, failed, skipped, module.seconds.toFixed(1)];
  });
  const total = ['all', counts.passed, counts.failed, counts.skipped, ''];
  const columns = ['module', 'passed', 'failed', 'skipped', 'seconds'];
  return [
    formatTable(columns, [...rows, total], [1, 2, 3, 4]),
    ...section(
      'Skipped as a whole',
      modules.flatMap(({module, cases}) => {
        const whole = cases.find(
          ({name, outcome}) => name === `test.${module}` && outcome === 'skipped',
        );
        return whole === undefined ? [] : [`${module}: ${whole.detail}`];
      }),
    ),
    ...section(
      'Expected failures',
      report.expectedFailures.map(({name, reason}) => `${name}\n${indent(reason)}`),
    ),
    ...section(
      'Expected to fail, but passed: remove them from the list',
      report.unexpectedPasses.map(({name}) => name),
    ),
    ...section('Failed at first, passed when run again alone', report.passedAgain),
    ...section(
      'UNEXPECTED FAILURES',
      report.unexpectedFailures.map(({name, detail}) => `${name}\n${indent(lastLines(detail))}`),
    ),
    `\nCPython ${python}: ${countOf(counts.passed, 'test')} passed, ${counts.failed} failed (${report.unexpectedFailures.length} unexpectedly), ` +
      `${counts.skipped} skipped, in ${countOf(modules.length, 'module')}\n`,
  ].join('');
}

function section(title: string, entries: readonly string[]): readonly string[] {
  return entries.length === 0
    ? []
    : [`\n${title}:\n`, ...entries.map((entry) => `${indent(entry)}\n`)];
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function lastLines(text: string): string {
  return text.split('\n').slice(-12).join('\n');
}
