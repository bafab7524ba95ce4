import {expect, it} from 'vitest';
import {takeCredentials} from '../../../src/fetch/credentials.js';

it.each([
  ['https://me:pa/ss@mirror.corp/debian', 'https://mirror.corp/debian'],
  ['https://me:pa#ss@mirror.corp/debian', 'https://mirror.corp/debian'],
  ['me:secret@mirror.corp/debian', 'mirror.corp/debian'],
  ['ftp://me:secret@mirror.corp/debian', 'ftp://mirror.corp/debian'],
])(
  'an address that cannot be used (%s) is named without what may be a password',
  (address, shown) => {
    expect(() => takeCredentials(address, '--debian-mirror')).toThrow(
      `--debian-mirror: expected an http or https address, found ${shown}.`,
    );
  },
);
