import {reasonToSkip, startDocker} from '../support/docker-engine.js';
import {byScale} from '../support/scale.js';
import {openDockerTestExecutor} from '../support/test-executor.js';
import {describeExecutor, withEngine} from './executor-contract.js';

describeExecutor({
  name: 'docker (socket)',
  skipped: reasonToSkip('dockerd'),
  stops: byScale({usual: 12, full: 2000}),
  open: () => withEngine(startDocker, ({socket}) => openDockerTestExecutor({candidate: socket})),
});
