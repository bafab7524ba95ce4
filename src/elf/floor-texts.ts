import {compareCodeUnits} from '../core/digest.js';

/** `config.site`: tells configure scripts that functions are missing which the headers declare. */
export function renderConfigSite(floor: string, missing: Iterable<string>): string {
  return [
    `# Functions that the headers declare and that glibc ${floor} does not have.`,
    ...[...missing].sort(compareCodeUnits).map((name) => `ac_cv_func_${name}=no`),
    '',
  ].join('\n');
}

/** Removes libraries without a stub from a linker script (`libm.so`), and lists that become empty. */
export function keepInLinkerScript(script: string, isKept: (file: string) => boolean): string {
  return script
    .replaceAll(/(?<=[\s(])\/\S+\.(?:so|a)[.\d]*(?=[\s)])/g, (file) => (isKept(file) ? file : ''))
    .replaceAll(/AS_NEEDED\s*\(\s*\)/g, '');
}
