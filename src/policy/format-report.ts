import type {Finding} from './finding.js';
import type {Rule} from './rule.js';
import type {ValidationReport} from './validate-archive.js';

/** One line: `error tar-modes python/install/bin/pip3: expected 0644 or 0755, found 0775`. */
export function formatFinding({severity, rule, path, message}: Finding): string {
  return `${severity} ${rule} ${path}: ${message}`;
}

/** `2 errors, 0 warnings; 117 rules over 6541 members and 2369 ELF files` */
export function formatSummary(report: ValidationReport): string {
  const {errors, warnings, rules, members, elfFiles} = report;
  return (
    `${count(errors, 'error')}, ${count(warnings, 'warning')}; ` +
    `${count(rules.length, 'rule')} over ${count(members, 'member')} and ${count(elfFiles, 'ELF file')}`
  );
}

/** One readable line: `tar-modes  Files have the mode 0644 or 0755.` */
export function formatRule({id, severity, demand, flavours}: Rule): string {
  return `${id.padEnd(26)} ${severity.padEnd(7)} ${demand} [${flavours.join(', ')}]`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
