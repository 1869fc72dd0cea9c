import { test, VatData } from '../../../lib/drop-in/prepare-test-env.ts';
import { buildManualTimer } from '../../../lib/drop-in/manual-timer.js';

test.before(t => {
  t.context.word = 'ready';
});

test('is locked down and has VatData', t => {
  t.true(Object.isFrozen(Object.prototype));
  t.is(typeof VatData.makeKindHandle, 'function');
  t.is(t.context.word, 'ready');
});

test.serial('runs code of vats', async t => {
  t.is(await buildManualTimer().advanceTo(3n), 3n);
});

const isOne = test.macro((t, given) => t.is(given, 1));
test('takes macros and arguments', isOne, 1);

test.failing('prints errors', async () => {
  throw Error('this is why');
});
