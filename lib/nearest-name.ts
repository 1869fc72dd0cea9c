/** Number of single-letter edits between two words; a swap of neighbours counts as one. */
const editDistance = (a: string, b: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforePrevious[column - 2] ?? Infinity) + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/**
 * The known name that a mistyped one probably means, if any is near enough.
 * @param limit - Edits that make a name another one. Default: a third of its letters.
 */
export const nearestName = (
  typed: string,
  known: readonly string[],
  limit = Math.max(1, Math.floor(typed.length / 3)),
): string | undefined => {
  const ranked = known
    // No distance is less than the difference in length. A long name costs nothing this way.
    .filter(name => Math.abs(name.length - typed.length) <= limit)
    .map(name => ({ name, distance: editDistance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
};
