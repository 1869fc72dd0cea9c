/**
 * Hands chunks from one side, which gets them from peers, to another, which consumes them as a
 * stream. Holds one chunk at a time.
 */
export interface ChunkFeed extends AsyncIterable<Uint8Array> {
  /** Resolves when the consumer asks for more, so is done with this one. */
  push(chunk: Uint8Array): Promise<void>;
  end(): void;
  /** The consumer gets this error instead of the next chunk. */
  fail(error: unknown): void;
}

type Item =
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array; readonly used: () => void }
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly error: unknown };

export const makeChunkFeed = (): ChunkFeed => {
  let waiting: Item | undefined;
  let wake: () => void = () => undefined;
  const offer = (item: Item): void => {
    // What has failed or ended stays so.
    if (waiting === undefined || waiting.kind === 'chunk') waiting = item;
    wake();
  };
  const next = async (): Promise<Item> => {
    while (waiting === undefined) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    return waiting;
  };
  return {
    push: chunk =>
      new Promise(resolve => {
        offer({ kind: 'chunk', chunk, used: resolve });
      }),
    end: () => offer({ kind: 'end' }),
    fail: error => offer({ kind: 'failure', error }),
    [Symbol.asyncIterator]: async function* consume() {
      for (;;) {
        const item = await next();
        switch (item.kind) {
          case 'chunk':
            waiting = undefined;
            yield item.chunk;
            item.used();
            break;
          case 'end':
            return;
          case 'failure':
            throw item.error;
          default:
            item satisfies never;
        }
      }
    },
  };
};
