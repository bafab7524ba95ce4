import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A system call: its number, and its arguments; a text is passed by its address. */
export interface Call {
  readonly number: number;
  readonly arguments: readonly (number | string)[];
  /** Whether it is made as 32-bit programs do. */
  readonly isOf32Bits?: boolean;
  /** Whether the call, where it is allowed, returns in a new process too; that one ends. */
  readonly forks?: boolean;
}

const loadAddress = 0x400000;
const headerBytes = 64 + 56;
const resultBytes = 8;
/** `mov` of eight bytes into rax, rdi, rsi, rdx, r10, r8, r9. */
const moves = [0x48b8, 0x48bf, 0x48be, 0x48ba, 0x49ba, 0x49b8, 0x49b9];
const numbers = {write: 1, exit: 60};

/** An executable that makes the calls one after the other and writes what each returns, eight bytes each. */
export function callProgram(calls: readonly Call[]): Buffer {
  const texts = [...new Set(calls.flatMap((call) => call.arguments).filter(isText))];
  const textBytes = texts.map((text) => Buffer.from(`${text}\0`));
  const textAddress = new Map<string, number>();
  let place = loadAddress + headerBytes;
  texts.forEach((text, index) => {
    textAddress.set(text, place);
    place += textBytes[index]?.length ?? 0;
  });
  const entry = place;
  const valueOf = (argument: number | string): number =>
    isText(argument) ? (textAddress.get(argument) ?? 0) : argument;
  const code = (resultsAddress: number): Buffer =>
    Buffer.concat([
      ...calls.map((call, index) =>
        Buffer.concat([
          systemCall(call.number, call.arguments.map(valueOf), call.isOf32Bits),
          ...(call.forks === true ? [endIfZero] : []),
          // mov [results], rax
          instruction(0x48a3, resultsAddress + resultBytes * index),
        ]),
      ),
      systemCall(numbers.write, [1, resultsAddress, resultBytes * calls.length]),
      systemCall(numbers.exit, [0]),
    ]);
  const results = entry + code(0).length;
  const body = Buffer.concat([...textBytes, code(results)]);
  return Buffer.concat([
    header(entry, headerBytes + body.length, resultBytes * calls.length),
    body,
  ]);
}

/** What each call of a `callProgram` returned: negative for an error. */
export function callResults(output: Buffer): readonly number[] {
  return Array.from({length: output.length / resultBytes}, (_, index) =>
    Number(output.readBigInt64LE(index * resultBytes)),
  );
}

/** Makes the calls on this machine, as this user. */
export function callHere(calls: readonly Call[]): readonly number[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ampoule-calls-'));
  try {
    const program = path.join(folder, 'program');
    writeFileSync(program, callProgram(calls), {mode: 0o755});
    return callResults(execFileSync(program));
  } finally {
    rmSync(folder, {recursive: true});
  }
}

const isText = (argument: number | string): argument is string => typeof argument === 'string';

function systemCall(number: number, given: readonly number[], isOf32Bits = false): Buffer {
  const values = [number, ...given, 0, 0, 0, 0, 0, 0].slice(0, moves.length);
  return Buffer.concat([
    ...values.map((value, index) => instruction(moves[index] ?? 0, value)),
    // int 0x80; syscall
    Buffer.from(isOf32Bits ? [0xcd, 0x80] : [0x0f, 0x05]),
  ]);
}

function instruction(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt16BE(code, 0);
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

/** test rax, rax; jnz over; mov eax, exit; xor edi, edi; syscall */
const endIfZero = Buffer.from([
  ...[0x48, 0x85, 0xc0, 0x75, 9, 0xb8, numbers.exit, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05],
]);

/** The header of an ELF file for x86-64 with one segment that is read, written and executed. */
function header(entry: number, fileBytes: number, moreBytes: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(entry), 24);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(7, 68);
  bytes.writeBigUInt64LE(BigInt(loadAddress), 80);
  bytes.writeBigUInt64LE(BigInt(loadAddress), 88);
  bytes.writeBigUInt64LE(BigInt(fileBytes), 96);
  bytes.writeBigUInt64LE(BigInt(fileBytes + moreBytes), 104);
  bytes.writeBigUInt64LE(0x1000n, 112);
  return bytes;
}
