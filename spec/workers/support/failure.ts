/** The rejection of a promise. Throws if it was fulfilled. */
export const failureOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const outcome = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw Error(`expected a rejection, got ${JSON.stringify(outcome.value)}`);
};
