import {buildMachine} from '../../core/build-machine.js';
import {systemCallRules, type ArgumentTest} from '../system-calls.js';

/** One instruction of a classic BPF program, as the kernel reads it: code, jump when true, jump when false, operand. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const leave = 0x06;

/** Offsets into the kernel's `struct seccomp_data`. */
const offsets = {number: 0, architecture: 4, arguments: 16} as const;
const allow = 0x7fff_0000;
const failWith = 0x0005_0000;
const refusedWithEperm: Instruction = [leave, 0, 0, failWith + 1];

/**
 * The rules for system calls as a seccomp program. System calls of other architectures, which have different numbers, are
 * refused.
 */
export function filterProgram(): Buffer {
  const {audit, otherKind} = buildMachine.seccomp;
  const program: readonly Instruction[] = [
    [load, 0, 0, offsets.architecture],
    [jumpIfEqual, 1, 0, audit],
    refusedWithEperm,
    [load, 0, 0, offsets.number],
    [jumpIfAtLeast, 0, 1, otherKind],
    refusedWithEperm,
    ...systemCallRules.flatMap(({calls, error, when}) =>
      calls.flatMap((call) => refusal(buildMachine.systemCalls[call], error, when)),
    ),
    [leave, 0, 0, allow],
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, operand], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand, index * 8 + 4);
  });
  return bytes;
}

/** Leaves with the error if the loaded number and the arguments are those; otherwise goes on with the number loaded. */
function refusal(
  number: number,
  error: number,
  tests: readonly ArgumentTest[],
): readonly Instruction[] {
  const fail: Instruction = [leave, 0, 0, failWith + error];
  if (tests.length === 0) return [[jumpIfEqual, 0, 1, number], fail];
  // Each test is two instructions: loading the argument and jumping to the end.
  const length = 2 * tests.length + 1;
  const checks = tests.flatMap((test, index): readonly Instruction[] => {
    const toEnd = length - 2 * (index + 1);
    return [[load, 0, 0, offsets.arguments + 8 * test.argument], jumpUnless(test, toEnd)];
  });
  return [[jumpIfEqual, 0, length + 1, number], ...checks, fail, [load, 0, 0, offsets.number]];
}

function jumpUnless(test: ArgumentTest, distance: number): Instruction {
  if ('equals' in test) return [jumpIfEqual, 0, distance, test.equals];
  return [jumpIfAnyBit, 0, distance, test.hasAnyOf.reduce((all, bit) => all | bit, 0)];
}
