import {full, installOnly, type Breakers} from './breaker.js';
import type {SampleArchive} from './sample-archive.js';

const share = ({prefix}: SampleArchive) => `${prefix}/share/ampoule`;
const dataFile = ({standardLibrary}: SampleArchive) =>
  `${standardLibrary}/_sysconfigdata__linux_x86_64-linux-gnu.py`;
const firstLine = '# system configuration generated and used by the sysconfig module\n';

const setBuildDetails = (sample: SampleArchive, value: object) => {
  sample.entries.set(`${sample.standardLibrary}/build-details.json`, {
    content: {kind: 'json', value},
  });
};

/** sysconfig, licences, the record of the distribution. */
export const sysconfigBreakers: Breakers = {
  'sysconfig-syntax': full(
    (sample) => sample.text(dataFile(sample), `${firstLine}build_time_vars = {'A': None}\n`),
    (sample) => sample.text(dataFile(sample), `${firstLine}build_time_vars = {'A': -1}\n`),
    (sample) => sample.text(dataFile(sample), `${firstLine}build_time_vars = {'A': 'a\\n'}\n`),
    (sample) => sample.text(dataFile(sample), `#\nbuild_time_vars = {'A': 'a'}\n`),
    (sample) => sample.text(dataFile(sample), `${firstLine}import os\n`),
  ),
  'sysconfig-prefix': full(({variables}) => (variables['prefix'] = '/install/lib')),
  'sysconfig-paths': full(
    ({variables}) => (variables['MKDIR_P'] = '/usr/bin/mkdir -p'),
    ({variables}) => (variables['LIBPL'] = '-L/opt/lib'),
  ),
  'sysconfig-flags': full(
    ({variables}) => (variables['LDFLAGS'] = '-fuse-ld=lld'),
    ({variables}) => (variables['CFLAGS'] = '-O3 -march=x86-64-v3'),
    ({variables}) => (variables['LDSHARED'] = 'cc -shared -flto=full'),
    ({variables}) => (variables['CFLAGS'] = '-O3 -fno-omit-frame-pointer'),
    ({variables}) => (variables['PY_CFLAGS'] = '-O3 -fprofile-use=x'),
    ({variables}) => (variables['CFLAGS'] = '-O0 -fsanitize=address'),
  ),
  'sysconfig-tools': full(({variables}) => (variables['CC'] = 'clang -pthread')),
  'sysconfig-abi': full(
    ({variables}) => (variables['Py_DEBUG'] = 1),
    ({variables}) => (variables['Py_GIL_DISABLED'] = '0'),
  ),
  'sysconfig-version': full(
    ({variables}) => (variables['VERSION'] = '3.13'),
    ({variables}) => (variables['EXT_SUFFIX'] = '.so'),
  ),
  'sysconfig-json': full(
    ({jsonVariables}) => (jsonVariables['CC'] = 'gcc'),
    (sample) =>
      sample.remove(`${sample.standardLibrary}/_sysconfig_vars__linux_x86_64-linux-gnu.json`),
  ),
  'sysconfig-build-details': full(
    (sample) => setBuildDetails(sample, {base_prefix: '/install'}),
    (sample) => {
      setBuildDetails(sample, {base_prefix: '../..', libpython: {static: './lib/libpython3.a'}});
    },
  ),
  'sysconfig-pkg-config': full(
    (sample) => sample.text(`${sample.prefix}/lib/pkgconfig/python-3.14.pc`, 'prefix=/usr\n'),
    (sample) => sample.remove(`${sample.prefix}/lib/pkgconfig/python-3.14.pc`),
  ),
  'licence-paths': full(({json}) => (json.license_path = 'licenses/LICENSE.none.txt')),
  'licence-ids': full(({json}) => (json.licenses = ['Python 2'])),
  'licence-texts': installOnly(
    (sample) => sample.text(`${share(sample)}/licenses/LICENSE.zlib.txt`, ''),
    (sample) =>
      sample.text(
        `${share(sample)}/licenses/LICENSE.zlib.txt`,
        Buffer.from('The terms of \xa9 zlib: do as you like.', 'latin1'),
      ),
  ),
  'licence-copies': full((sample) =>
    sample.text(`${share(sample)}/licenses/LICENSE.zlib.txt`, 'Some other terms of zlib.\n'),
  ),
  'record-present': full(
    (sample) => sample.remove(`${share(sample)}/distribution.json`),
    (sample) => sample.text(`${share(sample)}/distribution.json`, '{"format": 1}'),
  ),
  'record-identity': full(
    ({record}) => (record.target_triple = 'aarch64-unknown-linux-gnu'),
    ({record}) => (record.build_options = 'lto'),
  ),
  'record-licences': full(({record}) =>
    record.components.push({
      name: 'none',
      version: '1',
      spdx: 'MIT',
      license_path: 'licenses/LICENSE.none.txt',
    }),
  ),
  'record-licence-ids': full(({record}) => {
    for (const component of record.components) component.spdx = 'Zlib+libpng';
  }),
  'record-complete': full(({record}) => record.components.pop()),
  'record-python': full(({record}) => {
    for (const component of record.components) component.version = '1';
  }),
  'record-glibc': full(({record}) => (record.glibc_max_symbol_version = '2.5')),
  'record-notice': full((sample) => sample.text(`${share(sample)}/NOTICE`, 'nothing\n')),
};
