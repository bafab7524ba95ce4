import {reasonToSkip, startDocker} from '../support/docker-engine.js';
import {testImages} from '../support/images.js';
import {byScale} from '../support/scale.js';
import {openDockerTestExecutor} from '../support/test-executor.js';
import {describeExecutor, withEngine} from './executor-contract.js';

describeExecutor({
  name: 'docker (TCP, on what is another machine to it)',
  skipped: reasonToSkip('dockerd'),
  stops: byScale({usual: 6, full: 200}),
  isAttacked: byScale({usual: false, full: true}),
  open: async () => {
    const hiddenFolder = (await testImages()).store.temporaryPath;
    return withEngine(
      () => startDocker({hiddenFolder}),
      ({tcp}) => openDockerTestExecutor({candidate: tcp}),
    );
  },
});
