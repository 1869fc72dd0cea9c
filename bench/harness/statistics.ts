/** What several samples of one figure come to. */

/** The middle value; of an even number of values, the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw Error('no values, no median');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
};

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly samples: number;
}

export const summarize = (values: readonly number[]): Summary => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
  samples: values.length,
});

/** Summaries by key. A key that some samples lack is summarized from the others. */
export const summarizeAll = (
  samples: readonly Readonly<Record<string, number>>[],
): Record<string, Summary> => {
  const byKey = new Map<string, number[]>();
  for (const sample of samples) {
    for (const [key, value] of Object.entries(sample)) {
      const values = byKey.get(key);
      if (values) values.push(value);
      else byKey.set(key, [value]);
    }
  }
  return Object.fromEntries([...byKey].map(([key, values]) => [key, summarize(values)]));
};
