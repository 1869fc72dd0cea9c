/**
 * A node in its own process, which executes and commits blocks, and kills itself as `kill -9` does
 * at a given point of a given block. It writes down each block's result before the commit.
 */
import '@endo/init/debug.js';
import { appendFileSync } from 'node:fs';
import { openBlockHost } from '../../../lib/host/block-host/open-block-host.js';
import { readBlock, writeResult, type NodeOrder } from './written-blocks.js';

const { home, options, blocks, killAt, resultFile } = JSON.parse(
  process.argv[2] ?? '',
) as NodeOrder;

let height = 0;
const host = await openBlockHost({
  ...options,
  home,
  platformEpoch: 'two',
  faultPoint: name => {
    if (`${height} ${name}` === killAt) process.kill(process.pid, 'SIGKILL');
  },
});
const first = host.info().height + 1;
for (const block of blocks.map(readBlock)) {
  if (block.height < first) continue;
  ({ height } = block);
  const result = await host.executeBlock(block);
  appendFileSync(resultFile, `${writeResult(height, result)}\n`);
  await host.commit();
}
await host.close();
