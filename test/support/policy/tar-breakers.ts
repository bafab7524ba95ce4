import {full, installOnly, type Breakers} from './breaker.js';
import type {SampleArchive} from './sample-archive.js';

const header = (sample: SampleArchive) => (sample.entry(`${sample.prefix}/bin/pip3`).header ??= {});
const note = (sample: SampleArchive, name: string) => sample.text(`${sample.prefix}/${name}`, 'x');

/** Compressor, tar headers, layout. */
export const tarBreakers: Breakers = {
  'zstd-window': full((sample) => (sample.zstd.windowLog = 28)),
  'zstd-checksum': full((sample) => (sample.zstd.hasNoChecksum = true)),
  'zstd-content-size': full((sample) => (sample.zstd.hasNoContentSize = true)),
  'zstd-dictionary': full((sample) => (sample.zstd.dictionary = 7)),
  'zstd-single-frame': full(
    // A frame that readers skip.
    (sample) => (sample.zstd.trailing = Buffer.from('502a4d180400000061626364', 'hex')),
  ),
  'gzip-plain-header': installOnly((sample) => (sample.gzip.name = 'archive.tar')),
  'gzip-no-time': installOnly((sample) => (sample.gzip.mtimeSeconds = 1)),
  'gzip-system': installOnly((sample) => (sample.gzip.system = 11)),
  'gzip-single-member': installOnly((sample) => (sample.gzip.cutAt = 4096)),
  'tar-first-member': full(
    (sample) => sample.remove('python/PYTHON.json'),
    (sample) => (sample.isPythonJsonFirst = false),
  ),
  'tar-order': [
    ...full((sample) => (sample.hasOrder = false)),
    ...installOnly((sample) => (sample.hasOrder = false)),
  ],
  'tar-unique': full((sample) => {
    const content = Buffer.from('again');
    const {mtimeSeconds} = sample;
    sample.further.push({
      path: `${sample.prefix}/share/terminfo/l/linux`,
      content,
      mode: 0o644,
      mtimeSeconds,
    });
  }),
  'tar-case': full(
    (sample) => sample.text(`${sample.prefix}/share/terminfo/l/Linux`, ''),
    (sample) => sample.text(`${sample.prefix}/share/terminfo/L/linux`, ''),
  ),
  'tar-names': full(
    (sample) => note(sample, 'lib/./note'),
    (sample) => note(sample, 'lib//note'),
    (sample) => note(sample, 'lib/../note'),
    (sample) => note(sample, 'lib/a\nb'),
  ),
  'tar-ustar-names': full(
    (sample) => note(sample, `share/${'long'.repeat(30)}`),
    (sample) => sample.text(`${sample.prefix}/${'deep/'.repeat(60)}note`, 'x'),
  ),
  'tar-kinds': full((sample) => {
    header(sample).type = '1';
    header(sample).linkTarget = `${sample.prefix}/bin/python3.14`;
    header(sample).content = Buffer.alloc(0);
  }),
  'tar-modes': [
    ...full((sample) => (header(sample).mode = 0o775)),
    ...installOnly((sample) => (header(sample).mode = 0o4755)),
  ],
  'tar-owner': full(
    (sample) => (header(sample).uid = 1000),
    (sample) => (header(sample).userName = 'root'),
  ),
  'tar-one-time': full((sample) => (header(sample).mtimeSeconds = sample.mtimeSeconds + 1)),
  'tar-date': full((sample) => (sample.dateTag = '20260910')),
  'tar-no-pax': full((sample) => (header(sample).pax = {'VENDOR.note': 'x'})),
  'link-relative': full((sample) =>
    sample.link(`${sample.prefix}/lib/link`, '/install/lib/libpython3.so'),
  ),
  'link-inside': full(
    (sample) => sample.link(`${sample.prefix}/lib/link`, '../../../etc/passwd'),
    (sample) => sample.link(`${sample.prefix}/share/terminfo/x/console`, '../l/linux'),
  ),
  'link-target': full((sample) => sample.link(`${sample.prefix}/lib/link`, 'libnone.so')),
  'link-loop': full(
    (sample) => sample.link(`${sample.prefix}/share/terminfo/l/a`, 'a'),
    (sample) => {
      sample.link(`${sample.prefix}/share/terminfo/l/a`, 'b');
      sample.link(`${sample.prefix}/share/terminfo/l/b`, 'a');
    },
  ),
  'archive-name': [
    ...full((sample) => (sample.fileName = 'python.tar.zst')),
    ...installOnly((sample) => (sample.fileName = 'python.tar.gz')),
  ],
  'archive-target': full((sample) => {
    const triple = 'aarch64-unknown-linux-gnu';
    sample.targetTriple = triple;
    sample.json.target_triple = triple;
    sample.record.target_triple = triple;
  }),
  'layout-top-level': [
    ...full((sample) => sample.text('python/README', 'x')),
    ...installOnly((sample) => sample.text('python/PYTHON.txt', 'x')),
  ],
  'layout-python-links': full(
    (sample) => sample.link(`${sample.prefix}/bin/python`, 'python3'),
    (sample) => sample.remove(`${sample.prefix}/bin/python3`),
  ),
  'layout-bin-executable': full(
    (sample) => (sample.entry(`${sample.prefix}/bin/pip3`).mode = 0o644),
  ),
  'layout-no-bytecode': full((sample) =>
    sample.text(`${sample.standardLibrary}/__pycache__/os.cpython-314.pyc`, 'x'),
  ),
  'layout-standard-library': full((sample) => sample.remove(`${sample.standardLibrary}/site.py`)),
  'layout-headers': full((sample) =>
    sample.remove(`${sample.prefix}/include/python3.14/patchlevel.h`),
  ),
  'layout-libpython': full((sample) => sample.remove(`${sample.prefix}/lib/libpython3.so`)),
  'layout-pip': full((sample) =>
    sample.remove(`${sample.standardLibrary}/ensurepip/_bundled/pip-26.1-py3-none-any.whl`),
  ),
  'layout-terminfo': full((sample) => sample.remove(`${sample.prefix}/share/terminfo/l/linux`)),
  'layout-sysconfig': full((sample) =>
    sample.text(`${sample.standardLibrary}/_sysconfigdata_other.py`, 'x'),
  ),
  'layout-no-static-library': installOnly((sample) =>
    sample.entries.set('python/lib/libpython3.14.a', {
      content: {kind: 'library', members: [], hasIndex: true},
    }),
  ),
  'layout-no-tests': installOnly((sample) =>
    sample.text(`${sample.standardLibrary}/idlelib/idle_test/__init__.py`, 'x'),
  ),
};
