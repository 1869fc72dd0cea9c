import { startLife, test } from '../../../lib/drop-in/prepare-strict-test-env.ts';

test('durable data survives one life', async t => {
  await startLife(async baggage => baggage.init('word', 'kept'));
  await startLife(async baggage => t.is(baggage.get('word'), 'kept'));
});
