/** A test that takes longer hangs: alone on a machine, the slowest of `npm test` needs a twentieth of it. */
export const patienceMs = 600_000;
