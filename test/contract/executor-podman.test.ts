import {reasonToSkip, startPodman} from '../support/docker-engine.js';
import {openDockerTestExecutor} from '../support/test-executor.js';
import {describeExecutor, withEngine} from './executor-contract.js';

describeExecutor({
  name: 'docker (podman)',
  skipped: reasonToSkip('podman'),
  open: () => withEngine(startPodman, ({socket}) => openDockerTestExecutor({candidate: socket})),
});
