import {describe, expect, it} from 'vitest';
import {
  judgeClock,
  judgeMemory,
  judgeMirrors,
  judgeSpace,
} from '../../../../src/cli/doctor/machine.js';

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 0, 31);
const answer = (base: string, problem?: string) => ({base, problem, serverMs: undefined});

describe('what doctor says of a machine', () => {
  it('with too little space or memory, what it expected and found', () => {
    expect(judgeSpace(8e9, '/store')).toBe('8.0 GB free for the store');
    expect(() => judgeSpace(1e9, '/store')).toThrow(
      /expected 4\.0 GB or more, found 1\.0 GB free for the store \/store\. Next: ampoule store gc/,
    );
    expect(judgeMemory(4e9, 8e9)).toBe('4.0 GB of 8.0 GB available');
    expect(() => judgeMemory(5e8, 8e9)).toThrow(
      /expected 3\.0 GB or more, found 500\.0 MB of 8\.0 GB/,
    );
  });

  it('with a clock that is not set', () => {
    expect(judgeClock(now, [now - 5000], now - day)).toBe('2026-01-31T00:00:00.000Z');
    expect(judgeClock(now, [], 0)).toContain('no mirror told its time');
    expect(() => judgeClock(0, [], now)).toThrow(
      /expected a time after 2026-01-31.*found 1970-01-01.*Next: set the clock/,
    );
    expect(() => judgeClock(now, [now + 2 * day], 0)).toThrow(/expected 2026-02-02.*as the mirror/);
    expect(judgeClock(now, [now + 2 * day, now], 0)).toContain('2026-01-31');
  });

  it('with mirrors that cannot be reached', () => {
    expect(judgeMirrors([answer('a', 'gone'), answer('b')], undefined)).toBe('b');
    expect(() => judgeMirrors([answer('a', 'gone'), answer('b')], 'a')).toThrow(
      /named.*\n {2}a: gone/,
    );
    expect(() => judgeMirrors([answer('a', 'gone')], undefined)).toThrow(
      /no mirror.*\n {2}a: gone\nNext/,
    );
  });
});
