/**
 * Waits for each end or close in turn. One that fails keeps none of the others from their turn.
 * @throws the first error, after all of them
 */
export const closeInTurn = async (closers: readonly (() => unknown)[]): Promise<void> => {
  const failures: { readonly error: unknown }[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push({ error });
    }
  }
  const [first] = failures;
  if (first) throw first.error;
};
