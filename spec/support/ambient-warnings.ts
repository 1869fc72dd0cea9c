/** The lines that `action` warns of on the console of the process, which lockdown has frozen. */
export const ambientWarningsOf = async (action: () => unknown): Promise<readonly string[]> => {
  const warnings: string[] = [];
  const original = globalThis.console;
  const warn = (line: unknown) => void warnings.push(String(line));
  globalThis.console = Object.defineProperty(Object.create(original) as Console, 'warn', {
    value: warn,
  });
  try {
    await action();
  } finally {
    globalThis.console = original;
  }
  return warnings;
};
