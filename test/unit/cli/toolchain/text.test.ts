import {expect, it} from 'vitest';
import {artifactDigestOf} from '../../../../src/core/digest.js';
import {describeContents, describeFigures} from '../../../../src/cli/toolchain/text.js';

const llvm = {
  stage: 'toolchain/llvm',
  outcome: 'built',
  digest: artifactDigestOf('llvm'),
  figures: {
    seconds: 6600,
    processorSeconds: 12_960,
    memoryMebibytes: 2100,
    runs: 3,
    jobs: 2,
  },
  sizeBytes: 120_300_000,
} as const;

it('tells in a table what each stage took', () => {
  const image = {
    ...llvm,
    stage: 'rootfs/bootstrap',
    outcome: 'restored',
    figures: undefined,
  } as const;

  expect(describeFigures([image, llvm])).toBe(
    [
      'stage             outcome   jobs  minutes  processor minutes  most memory  runs      size',
      'rootfs/bootstrap  restored                                                       120.3 MB',
      'toolchain/llvm    built        2    110.0              216.0     2100 MiB     3  120.3 MB',
      '',
    ].join('\n'),
  );
});

it('lists large files with every name that leads to them, and sums up the others', () => {
  const files = [
    {name: 'bin/ld', sizeBytes: 0, target: 'ld.lld'},
    {name: 'bin/ld.lld', sizeBytes: 0, target: 'llvm'},
    {name: 'bin/clang', sizeBytes: 0, target: 'llvm'},
    {name: 'bin/cc', sizeBytes: 300},
    {name: 'bin/llvm-strings', sizeBytes: 20_000_000},
    {name: 'bin/llvm', sizeBytes: 100_000_000},
    {name: 'lib/clang/22/include/stddef.h', sizeBytes: 700},
  ];

  expect(describeContents(llvm, files)).toBe(
    [
      `toolchain/llvm ${llvm.digest}, 120.3 MB`,
      'file                  size  other names',
      'bin/llvm          100.0 MB  clang ld ld.lld',
      'bin/llvm-strings   20.0 MB',
      '2 smaller files     1.0 kB',
      '',
    ].join('\n'),
  );
});
