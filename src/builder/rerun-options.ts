import {quote} from '../recipe/shell.js';
import type {RerunOptions} from '../scheduler/errors.js';
import {defaultStore} from './default-store.js';
import type {SessionOptions} from './options.js';

/** What a person adds to another command so that it means the same store and plan as these options. */
export function rerunOptions(options: SessionOptions): RerunOptions {
  const isUsual = [defaultStore(), process.env['AMPOULE_STORE']].includes(options.store);
  const store = isUsual ? '' : ` --store ${quote(options.store)}`;
  const plan = [
    ...(options.python === undefined ? [] : [` --python ${quote(options.python)}`]),
    ...(options.toolchain === 'debian' ? [] : [` --toolchain ${options.toolchain}`]),
    ...(options.sources === 'auto' ? [] : [` --sources ${options.sources}`]),
    ...(options.releaseTag === undefined ? [] : [` --release-tag ${quote(options.releaseTag)}`]),
    ...(options.project === undefined ? [] : [` --project ${quote(options.project)}`]),
    store,
  ].join('');
  return {store, plan};
}
