// Loaded into a builder with --import: its wall clock is wrong by the seconds that AMPOULE_TEST_CLOCK lists, by each of
// them in turn.
const shifts = process.env['AMPOULE_TEST_CLOCK']
  .split(' ')
  .map((seconds) => Number(seconds) * 1000);
const RealDate = Date;
let reads = 0;
const now = () => RealDate.now() + shifts[reads++ % shifts.length];

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
  static now() {
    return now();
  }
};
