import {buildMachine} from '../../core/build-machine.js';

/** One instruction of a classic BPF program, as the kernel reads it: code, jump when true, jump when false, operand. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const leave = 0x06;

/** Offsets into the kernel's `struct seccomp_data`. */
const data = {number: 0, architecture: 4, secondArgument: 24} as const;
/** ioctls that put bytes into the input of a terminal, as if typed. */
const typing = {TIOCSTI: 0x5412, TIOCLINUX: 0x541c} as const;
const allow = 0x7fff_0000;
const refuseWithEperm = 0x0005_0001;

/**
 * A seccomp program that allows everything except injecting terminal input: otherwise a sandboxed command on the user's
 * terminal could run commands outside. System calls of other architectures, which have different numbers, are refused.
 */
export function terminalFilter(): Buffer {
  const {audit, ioctl, otherKind} = buildMachine.systemCalls;
  const program: readonly Instruction[] = [
    [load, 0, 0, data.architecture],
    [jumpIfEqual, 0, 6, audit],
    [load, 0, 0, data.number],
    [jumpIfAtLeast, 4, 0, otherKind],
    [jumpIfEqual, 0, 4, ioctl],
    [load, 0, 0, data.secondArgument],
    [jumpIfEqual, 1, 0, typing.TIOCSTI],
    [jumpIfEqual, 0, 1, typing.TIOCLINUX],
    [leave, 0, 0, refuseWithEperm],
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
