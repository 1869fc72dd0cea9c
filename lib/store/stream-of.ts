/** Pieces that are in memory, as the stream that loaders of heaps take. */
export async function* streamOf(
  pieces: readonly Uint8Array[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}
