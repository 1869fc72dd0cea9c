/** Messages at the limits of a chain, on xsnap, whose stack and meter are an engine's. */
import { expect } from 'chai';
import { alice, bob, makeChain, message } from './support.js';

describe('messages at the limits', () => {
  it('harm neither the chain vat nor their target', async () => {
    const chain = await makeChain({ worker: 'xsnap' });
    const numbers = (length: number) => Array.from({ length }, (_, index) => index);
    const many = numbers(4_990);
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const shapes: Record<string, readonly unknown[]> = {
      arguments: numbers(100),
      lists: [many.map(() => [])],
      numbers: [many],
      record: [Object.fromEntries(many.map(index => [`name ${index}`, index]))],
      records: [many.slice(0, 2_400).map(index => ({ [`name ${index}`]: index }))],
      text: ['x'.repeat(1_000_000)],
      levels: [nested(37)],
    };
    let count = 0;
    for (const [name, args] of Object.entries(shapes)) {
      count += 1;
      const add = message('app', 'add', 1);
      const { txResults } = await chain.block(
        chain.tx(bob, message('app', 'echo', ...args)),
        chain.tx(alice, { type: 'propose', code: '() => "alive"' }, add),
      );
      expect(
        txResults.map(({ code }) => code),
        name,
      ).to.eql([0, 0]);
      const newest = 3 * count;
      const [echoed, alive, added] = await Promise.all(
        [newest - 2, newest - 1, newest].map(id => chain.settle(String(id))),
      );
      expect(echoed, name).to.have.property('state', 'fulfilled');
      expect(alive, name).to.eql({ state: 'fulfilled', value: 'alive' });
      expect(added, name).to.eql({ state: 'fulfilled', value: count });
    }
  });
});
