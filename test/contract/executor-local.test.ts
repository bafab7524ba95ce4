import {byScale} from '../support/scale.js';
import {openLocalTestExecutor} from '../support/test-executor.js';
import {describeExecutor} from './executor-contract.js';

describeExecutor({
  name: 'local',
  stops: byScale({usual: 60, full: 2000}),
  open: openLocalTestExecutor,
});
