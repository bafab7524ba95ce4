import {reasonToSkip, startPodman} from '../support/docker-engine.js';
import {testImages} from '../support/images.js';
import {openDockerTestExecutor} from '../support/test-executor.js';
import {describeExecutor, withEngine} from './executor-contract.js';

describeExecutor({
  name: 'docker (podman, on what is another machine to it)',
  skipped: reasonToSkip('podman'),
  stops: 200,
  open: async () => {
    const hiddenFolder = (await testImages()).store.temporaryPath;
    return withEngine(
      () => startPodman({hiddenFolder}),
      ({socket}) => openDockerTestExecutor({candidate: socket}),
    );
  },
});
