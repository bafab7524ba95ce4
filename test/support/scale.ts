/** A number of cases: the usual one, or with `AMPOULE_TEST_SCALE=full` that of a release. */
export function scaled(usual: number, full: number): number {
  return process.env['AMPOULE_TEST_SCALE'] === 'full' ? full : usual;
}
