import {openLocalTestExecutor} from '../support/test-executor.js';
import {describeExecutor} from './executor-contract.js';

describeExecutor({name: 'local', open: openLocalTestExecutor});
