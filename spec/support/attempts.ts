/** Collects what several steps throw, so that each step runs whatever came of those before it. */
export const collectProblems = () => {
  const problems: unknown[] = [];
  const attempt = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      problems.push(error);
    }
  };
  return { problems, attempt };
};
