/** What work costs this process: time, CPU, memory. Worker processes are not counted. */

export interface Cost {
  readonly ms: number;
  /** User and system time of all threads of this process. */
  readonly cpuMs: number;
}

/** Starts to measure; the result tells the cost so far. */
export const startStopwatch = (): (() => Cost) => {
  const cpu = process.cpuUsage();
  const started = performance.now();
  return () => {
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1000 };
  };
};

export const costOf = async (work: () => unknown): Promise<Cost> => {
  const read = startStopwatch();
  await work();
  return read();
};

export const perUnit = ({ ms, cpuMs }: Cost, units: number): Cost => ({
  ms: ms / units,
  cpuMs: cpuMs / units,
});

/** The most memory that this process has had, in MB. */
export const peakMB = (): number => process.resourceUsage().maxRSS / 1024;
