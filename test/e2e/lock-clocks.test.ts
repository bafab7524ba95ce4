import {describe, expect, it} from 'vitest';
import {archiveCases, hasOption} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';

/**
 * Starts each way to wait with a timeout and asks the kernel, by /proc, with which clock the waiting thread has called
 * futex(). Whoever sets the clock of the day back lengthens a wait on CLOCK_REALTIME.
 */
const askForClocks = `
import concurrent.futures, json, multiprocessing, os, platform, queue, subprocess, sys, sysconfig, threading, time

futex = {"x86_64": 202, "aarch64": 98}[platform.machine()]
clock_realtime = 256  # the flag FUTEX_CLOCK_REALTIME

def call_of(process, thread):
    """The operation and the whole line, when the thread waits in futex() with a time-out."""
    with open(f"/proc/{process}/task/{thread}/syscall") as file:
        line = file.read()
    words = line.split()
    is_wait = words[0] == str(futex) and int(words[4], 16) != 0
    return (int(words[2], 16), line) if is_wait else (None, line)

def clock_of(operation):
    return "CLOCK_REALTIME" if operation & clock_realtime else "CLOCK_MONOTONIC"

def clock_of_wait(wait):
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    before = None
    while True:  # until it stays in one call: on its way there it may wait for the interpreter's lock
        time.sleep(0.02)
        operation, line = call_of(os.getpid(), thread.native_id)
        if operation is not None and line == before:
            return clock_of(operation)
        before = line

def held(lock):
    lock.acquire()
    return lock

def in_condition(condition):
    with condition:
        condition.wait(600)

lock, rlock = held(threading.Lock()), held(threading.RLock())
shared_lock, shared_semaphore = held(multiprocessing.Lock()), multiprocessing.Semaphore(0)
waits = {
    "threading.Lock": lambda: lock.acquire(timeout=600),
    "threading.RLock": lambda: rlock.acquire(timeout=600),
    "threading.Condition": lambda: in_condition(threading.Condition()),
    "threading.Event": lambda: threading.Event().wait(600),
    "threading.Semaphore": lambda: threading.Semaphore(0).acquire(timeout=600),
    "threading.Barrier": lambda: threading.Barrier(2).wait(600),
    "threading.Thread.join": lambda: threading.main_thread().join(600),
    "queue.Queue": lambda: queue.Queue().get(timeout=600),
    "queue.SimpleQueue": lambda: queue.SimpleQueue().get(timeout=600),
    "concurrent.futures.Future": lambda: concurrent.futures.Future().result(600),
    "multiprocessing.Lock": lambda: shared_lock.acquire(timeout=600),
    "multiprocessing.Semaphore": lambda: shared_semaphore.acquire(timeout=600),
}
clocks = {name: clock_of_wait(wait) for name, wait in waits.items()}

# Threads that compute wait for the interpreter's lock, with the switch interval as time-out; without it, they never wait.
busy = "import threading\\ndef run():\\n  while True: pass\\nfor _ in range(4): threading.Thread(target=run).start()"
if not sysconfig.get_config_var("Py_GIL_DISABLED"):
    with subprocess.Popen([sys.executable, "-c", busy]) as process:
        operation = None
        while operation is None:
            for thread in os.listdir(f"/proc/{process.pid}/task"):
                operation = operation or call_of(process.pid, thread)[0]
        process.kill()
    clocks["the interpreter's lock"] = clock_of(operation)
print(json.dumps(clocks), flush=True)
os._exit(0)
`;

describe.each(archiveCases())('locks of %s', (_title, pair) => {
  const distribution = useDistribution(pair);

  it('wait on a clock that nobody can set', async () => {
    const clocks = JSON.parse(await distribution.python(askForClocks)) as Record<string, string>;

    expect(Object.keys(clocks)).toHaveLength(hasOption(pair, 'freethreaded') ? 12 : 13);
    expect(Object.entries(clocks).filter(([, clock]) => clock !== 'CLOCK_MONOTONIC')).toEqual([]);
  });
});
