import {describe, expect, it} from 'vitest';
import type {Target} from '../../../src/core/target.js';
import {compileEnvironment} from '../../../src/recipe/environment.js';
import {x86Target} from '../../support/targets.js';

const environmentFor = (target: Target) =>
  compileEnvironment(
    {target, sourceSet: 'upstream', toolchain: 'debian'},
    {part: 'cpython', sourceDateEpoch: 0},
  );

describe('the environment of a compile', () => {
  it('for the machine that builds names no target to the compiler', () => {
    expect(environmentFor(x86Target)).toMatchObject({
      CC: 'clang',
      CXX: 'clang++',
      BUILD_TRIPLE: 'x86_64-unknown-linux-gnu',
      HOST_TRIPLE: 'x86_64-unknown-linux-gnu',
    });
  });

  it('for another processor names its GNU triple, not the name of the target', () => {
    const gnu = 'arm-unknown-linux-gnueabihf';
    const environment = environmentFor({
      ...x86Target,
      triple: 'armv7-unknown-linux-gnueabihf',
      gnu,
    });

    expect(environment).toMatchObject({
      CC: `clang --target=${gnu}`,
      CXX: `clang++ --target=${gnu}`,
      BUILD_TRIPLE: 'x86_64-unknown-linux-gnu',
      HOST_TRIPLE: gnu,
    });
  });

  it('for a level of the same processor is native: its flags make the difference', () => {
    const environment = environmentFor({
      ...x86Target,
      triple: 'x86_64_v3-unknown-linux-gnu',
      cflags: [...x86Target.cflags, '-march=x86-64-v3'],
    });

    expect(environment['CC']).toBe('clang');
    expect(environment['CFLAGS']?.split(' ')).toContain('-march=x86-64-v3');
  });

  it("has the target's answers for configure scripts", () => {
    const answers = {ac_cv_working_tzset: 'yes'};

    expect(environmentFor({...x86Target, answers})).toMatchObject(answers);
    expect(environmentFor(x86Target)).not.toHaveProperty('ac_cv_working_tzset');
  });
});
