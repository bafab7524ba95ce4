import {describe, expect, it} from 'vitest';
import {matchStage} from '../../../src/builder/find-stage.js';

const stages = ['rootfs/build', 'dependency/zlib', 'cpython/3.14-noopt', 'distribution/full'];

describe('the stage that a person means', () => {
  it.each([
    ['dependency/zlib', 'dependency/zlib'],
    ['zlib', 'dependency/zlib'],
    ['cpython', 'cpython/3.14-noopt'],
  ])('%s is %s', (name, stage) => {
    expect(matchStage(name, stages)).toBe(stage);
  });

  it('is asked for again when two have the name', () => {
    expect(() => matchStage('dependency', [...stages, 'dependency/xz'])).toThrow(
      /may be any of these.*\n {2}dependency\/zlib\n {2}dependency\/xz/s,
    );
  });

  it('is asked for again, with all there are, when none has it', () => {
    expect(() => matchStage('zlb', stages)).toThrow(/no stage "zlb".*distribution\/full/s);
  });
});
