import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {resolveVariant, type VariantRequest} from '../../../src/stages/resolve-variant.js';

const project = await loadProject();

function resolve(changes: Partial<VariantRequest>): string {
  const resolved = resolveVariant(project, {
    python: '3.14',
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    sourceSet: 'upstream',
    toolchain: 'debian',
    glibc: undefined,
    ...changes,
  });
  if (resolved.ok) return resolved.value.options.join('+');
  return resolved.diagnostics.map(({file, message}) => `${file}: ${message}`).join('\n');
}

describe('the build options when nobody names any', () => {
  const usual = (python: string, changes: Partial<VariantRequest> = {}) =>
    resolve({python, options: undefined, ...changes});

  it("are the target's, without pgo where there is neither a profile nor one to be trained", () => {
    expect(usual('3.14')).toBe('pgo+lto');
    expect(usual('3.12')).toBe('lto');
    expect(usual('3.12', {profile: 'train'})).toBe('pgo+lto');
    expect(usual('3.12', {profile: 'none'})).toBe('pgo+lto');
  });
});

describe('a sanitizer', () => {
  it.each(['debug+asan', 'noopt+asan+ubsan', 'debug+ubsan', 'freethreaded+debug+tsan'])(
    '%s can be built',
    (options) => {
      expect(resolve({options})).toBe(options);
      expect(resolve({options, glibc: '2.16'})).toBe(options);
      expect(resolve({options, glibc: 'suite'})).toBe(options);
    },
  );

  it('is refused where its runtime is not, or does not work', () => {
    expect(resolve({options: 'debug+tsan', toolchain: 'bootstrap'})).toBe(
      '--options: "debug+tsan": tsan cannot be built: the toolchain from source has no runtimes of sanitizers. ' +
        'Expected some of freethreaded, debug, noopt, pgo, lto, trace-refs.',
    );
    expect(resolve({options: 'debug+asan', glibc: '2.15'})).toBe(
      '--glibc: 2.15 is too old for the build option asan, whose runtime needs glibc 2.16',
    );
  });
});
