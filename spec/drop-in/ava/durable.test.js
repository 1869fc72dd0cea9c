import { fileURLToPath } from 'node:url';
import { runDVOTest, test } from '../../../lib/drop-in/dvo-test-harness.ts';

const source = fileURLToPath(new URL('../vats/durable.js', import.meta.url));

test('durable objects survive an upgrade', async t => {
  const logs = [];
  await runDVOTest(t, (_t, phase, log) => logs.push([phase, log]), source, { step: 2 });
  t.deepEqual(logs, [
    ['before', ['before: 2']],
    ['after', ['after: 4']],
  ]);
});
