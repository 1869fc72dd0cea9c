/**
 * What happens in the swingset of `swingset.json`, in two acts with a restart between them. Each
 * act asserts every value that a user could look at.
 *
 * The acts know the kernel through `call(vat, method, ...args)`, which resolves to the value of the
 * result when everything that follows from the call is done, and `passTime(seconds)`. The spec and
 * the drop-in script play them on kernels of their own.
 */
import assert from 'node:assert/strict';

/** How many values were compared. */
export const checks = { count: 0 };
const same = (found, expected) => {
  assert.deepEqual(found, expected);
  checks.count += 1;
};

const balances = async (call, trader) => {
  const found = {};
  for (const issuer of ['Moola', 'Tickets', 'Points', 'Gold']) {
    const value = await call(trader, 'balance', issuer);
    found[issuer] = Array.isArray(value) ? value.toSorted().join(' ') : value;
  }
  return found;
};

const sell = (id, price) => ({
  give: { Asset: ['Tickets', [id]] },
  want: { Price: ['Moola', price] },
  args: { id },
});
const buy = (id, price) => ({
  give: { Price: ['Moola', price] },
  want: { Asset: ['Tickets', [id]] },
  args: { id },
});

const makeActions = call => ({
  offerTo: async (market, trader, what, id, price) => {
    const isSale = what === 'sell';
    const [seat, invitation] = [`${what} ${id}`, `${what} ${id}`];
    await call(
      'chain',
      'invite',
      trader,
      invitation,
      market,
      'publicFacet',
      isSale ? 'inviteSeller' : 'inviteBuyer',
    );
    await call(trader, 'offer', seat, invitation, isSale ? sell(id, price) : buy(id, price));
    return call(trader, 'result', seat);
  },
});

/**
 * Act one. At its end seats, invitations, options, a publisher and a purse's notifier are open.
 */
export const openMarkets = async ({ call }) => {
  const { offerTo } = makeActions(call);
  await call('chain', 'give', 'alice', 'Tickets', ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7']);
  await call('chain', 'give', 'bob', 'Moola', 100n);
  await call('alice', 'watchBalance', 'Moola');

  const keywords = { Asset: 'Tickets', Price: 'Moola' };
  for (const name of ['fair', 'bazaar']) await call('chain', 'start', name, 'market', keywords);
  await call('chain', 'adoptIssuer', 'Points', 'fair');
  await call(
    'chain',
    'start',
    'gold',
    'mintHolder',
    {},
    {
      keyword: 'Gold',
      assetKind: 'nat',
      displayInfo: {},
    },
  );
  await call('chain', 'adoptIssuer', 'Gold', 'gold', 'publicFacet', 'creatorFacet');
  await call('chain', 'give', 'alice', 'Gold', 7n);
  await call('chain', 'start', 'refund', 'automaticRefund', { Asset: 'Tickets' });
  await call('chain', 'subscribe', 'bob', 'news of the fair', 'fair');

  // One sale is done before the restart.
  same(await offerTo('fair', 'alice', 'sell', 'A1', 10n), 'A1 is on sale');
  same(await offerTo('fair', 'bob', 'buy', 'A1', 10n), 'A1 is sold by v1');
  same(await call('alice', 'diary', 'sell A1'), [
    ['Asset', []],
    ['Price', 10n],
  ]);
  same(await call('alice', 'hasExited', 'sell A1'), true);

  // These sellers wait at both markets. One market is upgraded while they do.
  same(await offerTo('fair', 'alice', 'sell', 'A2', 20n), 'A2 is on sale');
  same(await offerTo('fair', 'alice', 'sell', 'A3', 30n), 'A3 is on sale');
  same(await offerTo('bazaar', 'alice', 'sell', 'A4', 5n), 'A4 is on sale');
  same(await call('chain', 'upgrade', 'bazaar', 'marketV2', { motto: 'cheap' }), {
    incarnationNumber: 1,
  });
  same(await call('chain', 'call', 'bazaar', 'publicFacet', 'describe'), {
    version: 'v2',
    motto: 'cheap',
    onSale: ['A4'],
  });
  // Bob has an invitation that he will use after the restart.
  await call('chain', 'invite', 'bob', 'buy A2', 'fair', 'publicFacet', 'inviteBuyer');

  // Two options: Bob will exercise the first, the second will expire.
  for (const [name, id, deadline] of [
    ['call', 'A5', 1000n],
    ['late-call', 'A6', 100n],
  ]) {
    const keywords = { UnderlyingAsset: 'Tickets', StrikePrice: 'Moola' };
    await call('chain', 'start', name, 'coveredCall', keywords);
    await call('chain', 'invite', 'alice', name, name, 'creatorFacet', 'makeInvitation');
    await call('alice', 'offer', name, name, {
      give: { UnderlyingAsset: ['Tickets', [id]] },
      want: { StrikePrice: ['Moola', 15n] },
      deadline,
    });
    await call('alice', 'keepResult', name, `exercise ${name}`);
    await call('chain', 'handOver', 'alice', 'bob', `exercise ${name}`);
  }

  same(await call('bob', 'diary', 'news of the fair'), [
    { offered: 'A1', by: 'v1', left: 1 },
    { sold: 'A1', by: 'v1', left: 0 },
    { offered: 'A2', by: 'v1', left: 1 },
    { offered: 'A3', by: 'v1', left: 2 },
  ]);
  same(await call('alice', 'diary', 'Moola'), [0n, 10n]);
  same(await balances(call, 'alice'), { Moola: 10n, Tickets: 'A7', Points: 0n, Gold: 7n });
  same(await balances(call, 'bob'), { Moola: 90n, Tickets: 'A1', Points: 1n, Gold: 0n });
};

/** Act two. `epoch` is the name of the restart, if there was one between the acts. */
export const closeDeals = async ({ call, passTime }, epoch) => {
  const { offerTo } = makeActions(call);
  const cut = epoch === undefined ? [] : [`platform epoch ${epoch}`];

  // Nothing has moved, and open seats are open.
  same(await balances(call, 'alice'), { Moola: 10n, Tickets: 'A7', Points: 0n, Gold: 7n });
  same(await balances(call, 'bob'), { Moola: 90n, Tickets: 'A1', Points: 1n, Gold: 0n });
  for (const seat of ['sell A2', 'sell A3', 'sell A4', 'call', 'late-call']) {
    same(await call('alice', 'hasExited', seat), false);
  }
  same(await call('chain', 'call', 'fair', 'publicFacet', 'describe'), {
    version: 'v1',
    motto: undefined,
    onSale: ['A2', 'A3'],
  });

  // An invitation and a seat from before the restart meet.
  await call('bob', 'offer', 'buy A2', 'buy A2', buy('A2', 20n));
  same(await call('bob', 'result', 'buy A2'), 'A2 is sold by v1');
  same(await call('alice', 'diary', 'sell A2'), [...cut, ['Asset', []], ['Price', 20n]]);
  same(await call('bob', 'diary', 'buy A2'), [
    ['Asset', ['A2']],
    ['Points', 1n],
    ['Price', 0n],
  ]);
  // A seat from before the restart exits.
  await call('alice', 'tryExit', 'sell A3');
  same(await call('alice', 'diary', 'sell A3'), [...cut, ['Asset', ['A3']], ['Price', 0n]]);
  // The market that was upgraded before.
  same(await call('chain', 'call', 'bazaar', 'publicFacet', 'describe'), {
    version: 'v2',
    motto: 'cheap',
    onSale: ['A4'],
  });

  // Options.
  await call('bob', 'offer', 'exercise', 'exercise call', {
    give: { StrikePrice: ['Moola', 15n] },
    want: { UnderlyingAsset: ['Tickets', ['A5']] },
  });
  same(await call('alice', 'diary', 'call'), [
    ...cut,
    ['StrikePrice', 15n],
    ['UnderlyingAsset', []],
  ]);
  await passTime(101);
  same(await call('alice', 'diary', 'late-call'), [
    ...[...cut, ['StrikePrice', 0n], ['UnderlyingAsset', ['A6']]],
  ]);
  same(await call('alice', 'hasExited', 'late-call'), true);

  // The other market is upgraded now, and goes on with the seats that it has.
  same(await offerTo('fair', 'alice', 'sell', 'A7', 40n), 'A7 is on sale');
  const { incarnationNumber } = await call('chain', 'upgrade', 'fair', 'marketV2', {
    motto: 'fair',
  });
  same(incarnationNumber, epoch === undefined ? 1 : 2);
  same(await offerTo('fair', 'bob', 'buy', 'A7', 40n), 'A7 is sold by v2');

  await call('chain', 'give', 'bob', 'Gold', 2n);
  const news = await call('bob', 'diary', 'news of the fair');
  same(
    news.slice(4).filter(line => typeof line !== 'string'),
    [
      { sold: 'A2', by: 'v1', left: 1 },
      { offered: 'A7', by: 'v1', left: 2 },
      { sold: 'A7', by: 'v2', left: 1 },
    ],
  );
  same((await call('alice', 'diary', 'Moola')).at(-1), 85n);
  same(await balances(call, 'alice'), { Moola: 85n, Tickets: 'A3 A6', Points: 0n, Gold: 7n });
  same(await balances(call, 'bob'), { Moola: 15n, Tickets: 'A1 A2 A5 A7', Points: 3n, Gold: 2n });
};
