import {sha256} from '../../src/core/digest.js';
import type {ProfileRecord} from '../../src/profile/profile-record.js';

/** What the bytes of `sampleProfile` are said to be made from. */
export const sampleProfileBytes = Buffer.from('a profile');

/** A record of a frozen profile, which no training has made. */
export function sampleProfileRecord(changes: Partial<ProfileRecord> = {}): ProfileRecord {
  return {
    python: '3.14.7',
    target: 'x86_64-unknown-linux-gnu',
    options: 'pgo',
    date: '2026-11-29',
    sha256: sha256(sampleProfileBytes),
    size: sampleProfileBytes.length,
    source: sha256('source'),
    patches: {'0001-one.patch': sha256('one')},
    glibc: '2.17',
    toolchain: 'debian',
    llvm: '1:22.1.8-1',
    instrumentation: 'ir',
    configure: ['-q', 'LIBS=-lm -lz'],
    ...changes,
  };
}
