import {describe, expect, it} from 'vitest';
import {flavoursThat} from '../../../src/distribution/flavours.js';
import {renderArchiveScript} from '../../../src/distribution/archive-script.js';

describe('the script of an archive', () => {
  it.each(flavoursThat(() => true))('of flavour %s is golden', async (flavour) => {
    const script = renderArchiveScript({
      flavour,
      fileName: 'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu.archive',
      sourceDateEpoch: 1788480000,
    });

    await expect(script).toMatchFileSnapshot(`golden/archive-script.${flavour}.txt`);
  });
});
