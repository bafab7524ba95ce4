import {reasonToSkip, startDocker} from '../support/docker-engine.js';
import {openDockerTestExecutor} from '../support/test-executor.js';
import {describeExecutor, withEngine} from './executor-contract.js';

describeExecutor({
  name: 'docker (socket)',
  skipped: reasonToSkip('dockerd'),
  open: () => withEngine(startDocker, ({socket}) => openDockerTestExecutor({candidate: socket})),
});
