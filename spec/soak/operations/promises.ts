/** Operations that make, pass, watch, send to and settle promises. */
import type { Model, Pledge, Settlement, VatModel } from '../model.js';
import {
  ask,
  expectEqual,
  expectSettlement,
  fulfilled,
  upVats,
  type Proposal,
} from '../operation.js';

const makePromise: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  if (!vat || model.pledges.size > 30) return undefined;
  const name = model.newName('promise');
  return ask(
    'make a promise',
    [`~vat:${vat.name}`],
    ['promise', name, vat.name],
    answer => {
      if (!answer) throw Error('nothing was heard');
      expectEqual(`make ${name}`, answer.value, 'fulfilled');
      model.pledges.set(name, {
        name,
        decider: vat.name,
        settlement: undefined,
        follows: undefined,
        onto: undefined,
        pipelined: [],
      });
      vat.pledges.add(name);
      model.driver.pledges.add(name);
    },
    vat,
  );
};

const isPlain = ({ follows, pipelined }: Pledge): boolean =>
  follows === undefined && pipelined.length === 0;

const deciderOf = (vats: ReadonlyMap<string, VatModel>, { decider }: Pledge) =>
  decider === undefined ? undefined : vats.get(decider);

const settle: Proposal = (model, random) => {
  const pledge = random.pick(
    [...model.pledges.values()].filter(
      each => each.follows === undefined && !each.name.startsWith('answer'),
    ),
  );
  const vat = pledge && deciderOf(model.vats, pledge);
  if (!pledge || !vat || vat.isDown) return undefined;
  const label = random.pick(model.driver.place('things').keys());
  const rejected = random.chance(30);
  const locks = [`vat:${vat.name}`, `promise:${pledge.name}`];
  if (!rejected && label !== undefined && !model.ownerIsDown(label) && random.chance(60)) {
    const { owner } = model.thing(label);
    return ask(
      'fulfill with a thing',
      [...locks, `~thing:${label}`, ...(owner === vat.name ? [] : [`~vat:${owner}`])],
      ['give', label, vat.name, 'settle', pledge.name, 'fulfilled'],
      answer => {
        expectSettlement(`settle ${pledge.name}`, answer, fulfilled);
        model.settle(pledge, ['fulfilled', 'a thing', { thing: label }]);
      },
      vat,
    );
  }
  if (!rejected && pledge.pipelined.length > 0) return undefined;
  const value = `value of ${pledge.name}`;
  const settlement: Settlement = [rejected ? 'rejected' : 'fulfilled', value];
  return ask(
    rejected ? 'reject' : 'fulfill',
    locks,
    ['tell', vat.name, 'settle', pledge.name, settlement[0], value],
    answer => {
      expectSettlement(`settle ${pledge.name}`, answer, fulfilled);
      model.settle(pledge, settlement);
    },
    vat,
  );
};

/** Locks the vats that may settle a promise while it is in use. */
const settlersBut = (model: Model, name: string, vat: VatModel): string[] =>
  [...new Set(model.settlers(model.pledge(name)))]
    .filter(settler => settler !== vat.name)
    .map(settler => `~vat:${settler}`);

/** Resolves one promise to another, unresolved one. */
const follow: Proposal = (model, random) => {
  const known = [...model.driver.pledges].flatMap(name => model.pledges.get(name) ?? []);
  const follower = random.pick(
    [...model.pledges.values()].filter(each => isPlain(each) && !each.name.startsWith('answer')),
  );
  const leader = random.pick(known.filter(each => isPlain(each) && each !== follower));
  const vat = follower && deciderOf(model.vats, follower);
  // Neither may be followed by what it follows.
  const isFollowed = [...model.pledges.values()].some(({ follows }) => follows === follower?.name);
  if (!follower || !leader || !vat || vat.isDown || isFollowed) return undefined;
  if (leader.decider === vat.name) return undefined;
  return ask(
    'follow',
    [
      `vat:${vat.name}`,
      `promise:${follower.name}`,
      `promise:${leader.name}`,
      ...settlersBut(model, leader.name, vat),
    ],
    ['givePromise', leader.name, vat.name, 'settle', follower.name, 'follow'],
    answer => {
      expectSettlement(`${follower.name} follows ${leader.name}`, answer, fulfilled);
      follower.follows = leader.name;
      vat.pledges.add(leader.name);
    },
    vat,
  );
};

const watch: Proposal = (model, random) => {
  const name = random.pick([...model.driver.pledges].filter(each => model.pledges.has(each)));
  const vat = random.pick(upVats(model));
  if (!vat || name === undefined || vat.notes.has(name) || vat.durableNotes.has(name)) {
    return undefined;
  }
  if (vat.watched.has(name) || vat.watchedDurably.has(name)) return undefined;
  const durably = random.chance(50);
  return ask(
    durably ? 'watch durably' : 'watch',
    [`vat:${vat.name}`, `promise:${name}`, ...settlersBut(model, name, vat)],
    ['givePromise', name, vat.name, durably ? 'watchDurably' : 'watch', name],
    answer => {
      expectSettlement(`${vat.name} watches ${name}`, answer, fulfilled);
      (durably ? vat.watchedDurably : vat.watched).add(name);
      vat.pledges.add(name);
    },
    vat,
  );
};

/** Sends a message to a promise (pipelining). */
const pipeline: Proposal = (model, random) => {
  const onto = random.pick(
    [...model.driver.pledges].flatMap(each => {
      const pledge = model.pledges.get(each);
      return pledge && pledge.follows === undefined && !each.startsWith('answer') ? [pledge] : [];
    }),
  );
  const vat = onto && deciderOf(model.vats, onto);
  if (!onto || !vat || vat.isDown) return undefined;
  // A follower may settle to a plain value, which takes no messages.
  if ([...model.pledges.values()].some(({ follows }) => follows === onto.name)) return undefined;
  const name = model.newName('answer');
  return ask(
    'pipeline',
    [`vat:${vat.name}`, `promise:${onto.name}`],
    ['pipeline', name, onto.name],
    () => {
      const decider = vat.pipelining ? vat.name : undefined;
      model.pledges.set(name, {
        name,
        decider,
        settlement: undefined,
        follows: undefined,
        onto: onto.name,
        pipelined: [],
      });
      onto.pipelined.push(name);
      model.driver.pledges.add(name);
      if (vat.pipelining) vat.pledges.add(name);
    },
  );
};

export const promiseProposals: readonly (readonly [number, Proposal])[] = [
  [8, makePromise],
  [8, settle],
  [2, follow],
  [6, watch],
  [5, pipeline],
];
