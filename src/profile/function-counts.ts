/** A function of a profile. */
export interface FunctionCount {
  /** Static functions with their file: `Objects/longobject.c;k_mul`. */
  readonly name: string;
  /** The sum of its counters: how often its parts were executed. */
  readonly count: number;
}

/** The functions of a profile, the most executed first, from the `functions.tsv` of its stage. */
export function parseFunctionCounts(tsv: string): readonly FunctionCount[] {
  return tsv
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [count = '', name = ''] = line.split('\t');
      return {name, count: Number(count)};
    });
}
