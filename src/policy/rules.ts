import type {Flavour} from '../distribution/flavours.js';
import type {Rule} from './rule.js';
import {compressorRules} from './rules/compressor-rules.js';
import {elfRules} from './rules/elf-rules.js';
import {extensionRules} from './rules/extension-rules.js';
import {layoutRules} from './rules/layout-rules.js';
import {libpythonRules} from './rules/libpython-rules.js';
import {licenceRules} from './rules/licence-rules.js';
import {objectRules} from './rules/object-rules.js';
import {pythonJsonRules} from './rules/python-json-rules.js';
import {sysconfigRules} from './rules/sysconfig-rules.js';
import {tarRules} from './rules/tar-rules.js';
import {textRules} from './rules/text-rules.js';

/** Every rule over finished archives, by subject. */
export const rules: readonly Rule[] = [
  ...compressorRules,
  ...tarRules,
  ...layoutRules,
  ...pythonJsonRules,
  ...extensionRules,
  ...elfRules,
  ...objectRules,
  ...libpythonRules,
  ...textRules,
  ...sysconfigRules,
  ...licenceRules,
];

/** The rules that apply to archives of a flavour. */
export function rulesFor(flavour: Flavour): readonly Rule[] {
  return rules.filter(({flavours}) => flavours.includes(flavour));
}
