/** Compares what the nodes of a chain have agreed on with what each of them has. */
import type { ChainNode } from './node.js';

/**
 * The app hash after each height up to `height`, of one node.
 * @throws Error when the node does not have the next block
 */
export const appHashes = async (
  { client }: ChainNode,
  { from = 1, height }: { readonly from?: number; readonly height: number },
): Promise<readonly string[]> => {
  const hashes: string[] = [];
  // The header of a block has the hash of the state before it.
  for (let next = from + 1; next <= height + 1; next += 1) {
    hashes.push((await client.header(BigInt(next))).appHash);
  }
  return hashes;
};

/** The height and the hash that the application itself has. */
const ownHash = async ({
  client,
}: ChainNode): Promise<{ readonly height: number; readonly appHash: string }> => {
  const { value } = await client.query('/status');
  const { height, appHash } = JSON.parse(value.toString()) as {
    readonly height: number;
    readonly appHash: string;
  };
  return { height, appHash };
};

/** Reads until the answer is of a height whose next block exists, and compares the two. */
export const compareOwnHash = async (node: ChainNode): Promise<void> => {
  const { height, appHash } = await ownHash(node);
  await node.reaches(height + 1);
  const agreed = (await node.client.header(BigInt(height + 1))).appHash;
  if (agreed !== appHash) {
    throw Error(`${node.home}: the state after ${height} is ${appHash}, agreed was ${agreed}`);
  }
};
