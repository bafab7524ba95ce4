import type {Breakers} from './breaker.js';
import {elfBreakers} from './elf-breakers.js';
import {jsonBreakers} from './json-breakers.js';
import {sysconfigBreakers} from './sysconfig-breakers.js';
import {tarBreakers} from './tar-breakers.js';

/** At least one way to break each rule. */
export const breakers: Breakers = {
  ...tarBreakers,
  ...jsonBreakers,
  ...elfBreakers,
  ...sysconfigBreakers,
};
