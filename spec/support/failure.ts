/**
 * What a promise is rejected with or a function throws.
 *
 * @param what - named in the error
 * @throws if nothing fails
 */
export const failureOf = async (
  attempt: Promise<unknown> | (() => unknown),
  what = 'it',
): Promise<unknown> => {
  let value: unknown;
  try {
    value = await (typeof attempt === 'function' ? attempt() : attempt);
  } catch (error) {
    return error;
  }
  throw Error(`${what} did not fail, and gave ${String(value)}`);
};
