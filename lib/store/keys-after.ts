/** Up to `most` keys after `previousKey`, for stores that find only one at a time. */
export const keysAfter = (
  getNextKey: (previousKey: string) => string | undefined,
  previousKey: string,
  most: number,
): readonly string[] => {
  const keys: string[] = [];
  for (let key = getNextKey(previousKey); key !== undefined; key = getNextKey(key)) {
    keys.push(key);
    if (keys.length >= most) break;
  }
  return keys;
};
