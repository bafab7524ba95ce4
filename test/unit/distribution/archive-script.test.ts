import {describe, expect, it} from 'vitest';
import {renderArchiveScript} from '../../../src/distribution/archive-script.js';

describe('the script of an archive', () => {
  it.each(['full', 'install_only', 'install_only_stripped'] as const)(
    'of flavour %s is golden',
    async (flavour) => {
      const script = renderArchiveScript({
        flavour,
        fileName: 'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu.archive',
        sourceDateEpoch: 1788480000,
      });

      await expect(script).toMatchFileSnapshot(`golden/archive-script.${flavour}.txt`);
    },
  );
});
