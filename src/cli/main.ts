#!/usr/bin/env node
// An old Node can read this file, because it tells such a Node what is expected: keep its syntax old.
import {readFileSync} from 'node:fs';

const {engines} = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as {readonly engines: {readonly node: string}};
const expected = engines.node.replace('>=', '');
const [leastMajor = 0, leastMinor = 0] = expected.split('.').map(Number);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  process.stderr.write(
    `ampoule: expected Node ${expected} or newer, found ${process.versions.node} (${process.execPath})\n` +
      'Next: install a newer one from https://nodejs.org, or with fnm, mise, nvm or volta\n',
  );
  process.exit(2);
}
void import('./start.js');
