import {lstat, mkdtemp, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, it} from 'vitest';
import type {Execution, Exit} from '../../src/executor/executor.js';
import {callHere, callProgram, callResults, type Call} from '../support/call-program.js';
import {seenProcesses} from '../support/faults/processes.js';

/** What a contract's tests run commands with. */
export interface Stage {
  readonly exit: Exit;
  readonly output: string;
  /** Host path of what the command left in `/out`. */
  readonly outPath: string;
}

/** Runs a script as a stage. */
export type RunScript = (
  script: string,
  overrides?: Partial<Execution>,
  signal?: AbortSignal,
) => Promise<Stage>;

const errors = {EPERM: -1, ENOSYS: -38, EAFNOSUPPORT: -97} as const;

/** Numbers of x86-64, as `asm/unistd_64.h` has them. */
const refused: Readonly<Record<string, Call>> = {
  add_key: {number: 248, arguments: ['user', 'ampoule-attack', 'x', 1, -3]},
  request_key: {number: 249, arguments: ['user', 'ampoule-attack', 0, 0]},
  'keyctl (join a session)': {number: 250, arguments: [1, 0]},
  mount: {number: 165, arguments: ['none', '/tmp', 'tmpfs', 0, 0]},
  umount2: {number: 166, arguments: ['/tmp', 2]},
  pivot_root: {number: 155, arguments: ['/tmp', '/tmp']},
  open_tree: {number: 428, arguments: [-100, '/tmp', 1]},
  move_mount: {number: 429, arguments: [-100, '/tmp', -100, '/tmp', 0]},
  fsopen: {number: 430, arguments: ['tmpfs', 0]},
  fsconfig: {number: 431, arguments: [0, 0, 0, 0, 0]},
  fsmount: {number: 432, arguments: [0, 0, 0]},
  fspick: {number: 433, arguments: [-100, '/tmp', 0]},
  mount_setattr: {number: 442, arguments: [-100, '/tmp', 0, 0, 0]},
  'unshare (user namespace)': {number: 272, arguments: [0x10000000]},
  'clone (user namespace)': {number: 56, arguments: [0x10000011], forks: true},
  'clone (network namespace)': {number: 56, arguments: [0x40000011], forks: true},
  setns: {number: 308, arguments: [0, 0]},
  bpf: {number: 321, arguments: [0, 0, 0]},
  perf_event_open: {number: 298, arguments: [0, 0, -1, -1, 0]},
  userfaultfd: {number: 323, arguments: [1]},
  kexec_load: {number: 246, arguments: [0, 0, 0, 0]},
  kexec_file_load: {number: 320, arguments: [0, 0, 0, 0, 0]},
  init_module: {number: 175, arguments: [0, 0, '']},
  finit_module: {number: 313, arguments: [0, '', 0]},
  delete_module: {number: 176, arguments: ['none', 0]},
  open_by_handle_at: {number: 304, arguments: [0, 0, 0]},
  fanotify_init: {number: 300, arguments: [0x200, 0]},
  'syslog (read all)': {number: 103, arguments: [10, 0, 0]},
  quotactl: {number: 179, arguments: [0, 0, 0, 0]},
  quotactl_fd: {number: 443, arguments: [0, 0, 0, 0]},
  acct: {number: 163, arguments: ['/tmp/x']},
  swapon: {number: 167, arguments: ['/tmp/x', 0]},
  swapoff: {number: 168, arguments: ['/tmp/x']},
  reboot: {number: 169, arguments: [0, 0, 0, 0]},
  settimeofday: {number: 164, arguments: [0, 0]},
  clock_settime: {number: 227, arguments: [0, 0]},
  iopl: {number: 172, arguments: [0]},
  ioperm: {number: 173, arguments: [0, 0, 0]},
  uselib: {number: 134, arguments: ['/tmp/x']},
  vhangup: {number: 153, arguments: []},
  lookup_dcookie: {number: 212, arguments: [0, 0, 0]},
  'ioctl (type into a terminal)': {number: 16, arguments: [0, 0x5412, '']},
  'ioctl (a console)': {number: 16, arguments: [0, 0x541c, '']},
  'chmod (set-user-id)': {number: 90, arguments: ['/build/calls', 0o4755]},
  'chmod (set-group-id)': {number: 90, arguments: ['/build/calls', 0o2755]},
  fchmod: {number: 91, arguments: [1, 0o4755]},
  fchmodat: {number: 268, arguments: [-100, '/build/calls', 0o4755]},
  fchmodat2: {number: 452, arguments: [-100, '/build/calls', 0o4755, 0]},
  'open (make set-user-id)': {number: 2, arguments: ['/build/o', 0o102, 0o4755]},
  'openat (make set-user-id)': {number: 257, arguments: [-100, '/build/p', 0o102, 0o4755]},
  'openat (nameless)': {number: 257, arguments: [-100, '/build', 0o20200002, 0o4755]},
  creat: {number: 85, arguments: ['/build/c', 0o4755]},
  mknod: {number: 133, arguments: ['/build/m', 0o104755, 0]},
  mknodat: {number: 259, arguments: [-100, '/build/n', 0o104755, 0]},
  'setxattr (capabilities)': {
    number: 188,
    arguments: ['/build/calls', 'security.capability', `\0\0\0\x02${'\0'.repeat(16)}`, 20, 0],
  },
};

const missing: Readonly<Record<string, Call>> = {
  clone3: {number: 435, arguments: [0, 0]},
  openat2: {number: 437, arguments: [-100, '/build', 0, 24]},
  io_uring_setup: {number: 425, arguments: [1, 0]},
  io_uring_enter: {number: 426, arguments: [0, 0, 0, 0, 0, 0]},
  io_uring_register: {number: 427, arguments: [0, 0, 0, 0]},
};

const noFamily: Readonly<Record<string, Call>> = {
  'socket (to the host of a virtual machine)': {number: 41, arguments: [40, 1, 0]},
  'socket (ciphers of the kernel)': {number: 41, arguments: [38, 5, 0]},
  'socket (with higher bits)': {number: 41, arguments: [0x1_0000_0028, 1, 0]},
};

/** What builds use of the same calls. */
const allowed: Readonly<Record<string, Call>> = {
  'personality (without random addresses)': {number: 135, arguments: [0x0040000]},
  chmod: {number: 90, arguments: ['/build/calls', 0o1755]},
  'open (no file made)': {number: 2, arguments: ['/build/calls', 0, 0o6000]},
  'openat (a new file)': {number: 257, arguments: [-100, '/build/new', 0o102, 0o644]},
  'mknod (a pipe)': {number: 133, arguments: ['/build/pipe', 0o10644, 0]},
  'clone (a process)': {number: 56, arguments: [0x11], forks: true},
  'socket (unix)': {number: 41, arguments: [1, 1, 0]},
  'socket (loopback)': {number: 41, arguments: [2, 1, 0]},
  // Last: a traced process stops at its next signal.
  'ptrace (be traced)': {number: 101, arguments: [0]},
};

/** Tests that a stage gains nothing by what it may try. */
export function resistsAttacks(run: RunScript, newFolder: () => string): void {
  /** What system calls return in a stage. */
  async function callInStage(calls: Readonly<Record<string, Call>>) {
    const program = path.join(await mkdtemp(path.join(newFolder(), 'calls-')), 'calls');
    await writeFile(program, callProgram(Object.values(calls)));
    const {outPath, output} = await run(
      'cp /src/calls /build && chmod 755 /build/calls && /build/calls >/out/results',
      {sources: new Map([['calls', {kind: 'path', hostPath: program}]])},
    );
    const results = callResults(
      await readFile(path.join(outPath, 'results')).catch(() => Buffer.alloc(0)),
    );
    expect([output, results.length]).toEqual(['', Object.keys(calls).length]);
    return Object.keys(calls).map((name, index) => `${name}: ${results[index] ?? NaN}`);
  }

  const all = (calls: Readonly<Record<string, Call>>, result: number) =>
    Object.keys(calls).map((name) => `${name}: ${result}`);

  it('is refused the system calls that reach beyond it, and keeps those that builds need', async () => {
    const results = await callInStage({...refused, ...missing, ...noFamily, ...allowed});

    const names = Object.keys(allowed).map((name) => `${name}: `);
    const isAllowed = (line: string) => names.some((name) => line.startsWith(name));
    expect(results.filter((line) => !isAllowed(line))).toEqual([
      ...all(refused, errors.EPERM),
      ...all(missing, errors.ENOSYS),
      ...all(noFamily, errors.EAFNOSUPPORT),
    ]);
    expect(results.filter((line) => isAllowed(line) && line.includes(': -'))).toEqual([]);
  });

  it.each([
    ['32 bits', {number: 20, arguments: [], isOf32Bits: true}],
    ['x32', {number: 0x4000_0000 + 39, arguments: []}],
  ])('is refused the system calls of %s, whose numbers differ', async (_kind, call: Call) => {
    const program = path.join(await mkdtemp(path.join(newFolder(), 'calls-')), 'calls');
    await writeFile(program, callProgram([call]));
    const {outPath} = await run(
      'cp /src/calls /build && chmod 755 /build/calls && /build/calls >/out/results 2>/dev/null',
      {sources: new Map([['calls', {kind: 'path', hostPath: program}]])},
    );

    // Some executors end the program instead.
    const results = callResults(await readFile(path.join(outPath, 'results')));
    expect(results.filter((result) => result >= 0)).toEqual([]);
  });

  it('reads no key of the host and none of another stage', async () => {
    const secret = `ampoule-secret-${process.pid}`;
    const sessions = [-3, -4, -5];
    const [key = 0] = callHere([{number: 248, arguments: ['user', secret, 'x', 1, -5]}]);
    try {
      const left = await callInStage({add: {number: 248, arguments: ['user', 'left', 'x', 1, -5]}});
      const searches = [secret, 'left'].flatMap((name) =>
        sessions.map((session): [string, Call] => [
          `search ${name} in ${session}`,
          {number: 250, arguments: [10, session, 'user', name, 0]},
        ]),
      );
      const read: Call = {number: 250, arguments: [11, key, 0, 0]};
      const found = await callInStage({...Object.fromEntries(searches), read});
      const {output} = await run('cat /proc/keys /proc/key-users');

      expect(key).toBeGreaterThan(0);
      expect([...left, ...found].filter((line) => !line.endsWith(': -1'))).toEqual([]);
      expect(output).toBe('');
    } finally {
      // Revokes it.
      callHere([{number: 250, arguments: [3, key]}]);
    }
  });

  it('leaves no set-id file on the host', async () => {
    const {outPath} = await run(
      'for place in /build /out; do cd $place; echo >file; chmod 6755 file; mkdir folder; chmod 2755 folder; done; exit 3',
    );

    const workspace = path.dirname(outPath);
    const entries = await readdir(workspace, {recursive: true});
    const setId = await Promise.all(
      entries.map(async (name) => {
        const {mode} = await lstat(path.join(workspace, name));
        return (mode & 0o6000) === 0 ? [] : [name];
      }),
    );
    expect(entries).toContain('out/file');
    expect(setId.flat()).toEqual([]);
  });

  it('has no open files but its input and output', async () => {
    // `ls` has the folder open.
    const {output} = await run('ls /proc/self/fd');

    expect(output.trim().split('\n')).toEqual(['0', '1', '2', '3']);
  });

  it('is not root of this machine, and in none of the groups of the builder', async () => {
    const controller = new AbortController();
    const marker = `sleep 3700.${process.pid}`;
    const running = run(`${marker}; true`, {}, controller.signal);
    const users = async (): Promise<readonly number[]> => {
      const found = (await seenProcesses()).filter(({command}) => command.trim() === marker);
      return Promise.all(found.map(async ({pid}) => (await stat(`/proc/${pid}`)).uid));
    };
    let seen: readonly number[] = [];
    while (seen.length === 0) seen = await users();
    controller.abort(new Error('seen'));
    await running;

    expect(seen).not.toContain(0);
  });

  it('leaves an output that belongs to the builder', async () => {
    const {outPath} = await run('mkdir -p /out/a; echo b >/out/a/b; ln -s b /out/a/c');

    for (const name of ['.', 'a', 'a/b', 'a/c']) {
      expect((await lstat(path.join(outPath, name))).uid).toBe(process.getuid?.());
    }
  });

  it('can write none of the settings of the kernel', async () => {
    const {output} = await run(
      "find /proc /sys -type f ! -path '/proc/[0-9]*' ! -path '/proc/*self/*' 2>/dev/null | " +
        'while read -r file; do { true >>"$file"; } 2>/dev/null && echo "$file"; done; true',
    );

    expect(output).toBe('');
  });

  it('is told nothing of the machine by files of the kernel', async () => {
    const {output} = await run(
      'cd /proc; head -c 1 interrupts iomem ioports kallsyms kcore key-users keys kmsg kpageflags mtrr timer_list ' +
        'slabinfo vmallocinfo 2>/dev/null; ls acpi scsi 2>/dev/null; true',
    );

    expect(output.replaceAll(/^(==> .* <==|\w+:)?\n/gm, '')).toBe('');
  });
}
