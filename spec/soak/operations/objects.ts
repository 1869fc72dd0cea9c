/** Operations that make, hold, pass, recognize and drop things. */
import {
  isDurablePlace,
  strongPlaces,
  TERMINATED,
  weakPlaces,
  type Model,
  type ThingKind,
  type VatModel,
} from '../model.js';
import {
  ask,
  expectEqual,
  expectSettlement,
  fulfilled,
  isSuccess,
  settlementOf,
  upVats,
  type Answer,
  type Proposal,
} from '../operation.js';
import type { Random } from '../../support/random.js';

const keysOfPlace = ['a', 'b', 'c', 'd', 'e', 'f'];

const driverThings = (model: Model): string[] => [...model.driver.place('things').keys()];

/** The driver got a thing, and the host saw its kref. */
const noteKref = (model: Model, label: string, answer: Answer): void => {
  const [kref] = answer.slots;
  if (kref === undefined) throw Error(`${label} came without a reference`);
  model.thing(label).kref = kref;
};

const make: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  const kind = random.pick<ThingKind>(['heap', 'virtual', 'durable']);
  if (!vat || !kind) return undefined;
  const label = model.newName(`${kind}:${vat.name}:`);
  return ask(
    'make',
    [`~vat:${vat.name}`],
    ['fetch', label, vat.name, 'make', label, kind],
    answer => {
      if (!answer || !isSuccess(answer)) throw Error(`${label} was not made`);
      const { incarnation } = vat;
      const [kref = ''] = answer.slots;
      model.things.set(label, { label, owner: vat.name, kind, incarnation, kref });
      model.driver.place('things').set(label, label);
    },
    vat,
  );
};

interface Slot {
  readonly vat: VatModel;
  readonly place: string;
  readonly key: string;
}

const lockOf = ({ vat, place, key }: Slot) => `slot:${vat.name}:${place}:${key}`;

/** A free or taken slot of some vat. */
const pickSlot = (random: Random, vats: readonly VatModel[], taken: boolean): Slot | undefined => {
  const slots = vats.flatMap(vat =>
    strongPlaces.flatMap(place =>
      keysOfPlace
        .filter(key => vat.place(place).has(key) === taken)
        .map(key => ({ vat, place, key })),
    ),
  );
  return random.pick(slots.filter(slot => !slot.vat.reserved.has(lockOf(slot))));
};

/** Own things that die with the incarnation can't be kept durably. */
const isRefused = (model: Model, vat: VatModel, place: string, label: string): boolean =>
  isDurablePlace(place) && model.isOwn(vat, label) && model.thing(label).kind !== 'durable';

/** May go to a vat that is down. It waits there. */
const give: Proposal = (model, random) => {
  const slot = pickSlot(random, [...model.vats.values()], false);
  const label = random.pick(driverThings(model));
  if (!slot || label === undefined) return undefined;
  const { vat, place, key } = slot;
  return ask(
    'give',
    [`~vat:${vat.name}`, `~thing:${label}`, lockOf(slot)],
    ['give', label, vat.name, 'put', place, key],
    answer => {
      if (isRefused(model, vat, place, label)) {
        if (answer) expectEqual(`keeping ${label} durably`, settlementOf(answer)[0], 'rejected');
        return;
      }
      expectSettlement(`give ${label} to ${vat.name}`, answer, fulfilled);
      vat.place(place).set(key, label);
    },
    vat,
  );
};

const fetch: Proposal = (model, random) => {
  const slot = pickSlot(random, upVats(model), true);
  if (!slot) return undefined;
  const { vat, place, key } = slot;
  const label = vat.place(place).get(key) ?? '';
  return ask(
    'fetch',
    [`~vat:${vat.name}`, `thing:${label}`, lockOf(slot)],
    ['fetch', label, vat.name, 'get', place, key],
    answer => {
      if (!answer || !isSuccess(answer)) throw Error(`${label} did not come back`);
      expectEqual(`identity of ${label}`, settlementOf(answer)[2], true);
      noteKref(model, label, answer);
      model.driver.place('things').set(label, label);
    },
    vat,
  );
};

/** Passes a thing from one vat to another, without the driver. */
const pass: Proposal = (model, random) => {
  const here = pickSlot(random, upVats(model), true);
  const there = here && pickSlot(random, upVats(model), false);
  if (!here || !there) return undefined;
  const label = here.vat.place(here.place).get(here.key) ?? '';
  return ask(
    'pass',
    [
      ...new Set([`~vat:${here.vat.name}`, `~vat:${there.vat.name}`]),
      `thing:${label}`,
      lockOf(here),
      lockOf(there),
    ],
    ['pass', here.vat.name, there.vat.name, [here.place, here.key], [there.place, there.key]],
    answer => {
      if (!answer) throw Error('nothing was heard');
      if (isRefused(model, there.vat, there.place, label)) {
        expectEqual(`passing ${label} on`, settlementOf(answer)[0], 'rejected');
        return;
      }
      if (!isSuccess(answer)) throw Error(`${label} was not passed on`);
      noteKref(model, label, answer);
      there.vat.place(there.place).set(there.key, label);
    },
    here.vat,
  );
};

export const dropFrom = (slot: Slot) => {
  const { vat, place, key } = slot;
  return ask(
    'drop',
    [`~vat:${vat.name}`, lockOf(slot)],
    ['tell', vat.name, 'drop', place, key],
    answer => {
      // Things in RAM may be lost by then.
      if (vat.place(place).delete(key) || place === 'ram' || place === 'virtualBoxes') {
        expectSettlement(`${vat.name} drops ${key} of ${place}`, answer, fulfilled);
      }
    },
    vat,
  );
};

const drop: Proposal = (model, random) => {
  const slot = pickSlot(random, [...model.vats.values()], true);
  return slot && dropFrom(slot);
};

export const dropFromDriver = (model: Model, label: string) =>
  ask('drop by driver', [`thing:${label}`], ['drop', label], answer => {
    if (answer) expectEqual(`drop ${label}`, answer.status, 'fulfilled');
    model.driver.place('things').delete(label);
  });

const dropOwn: Proposal = (model, random) => {
  const label = random.pick(driverThings(model));
  return label === undefined ? undefined : dropFromDriver(model, label);
};

const askDriver: Proposal = (model, random) => {
  const label = random.pick(driverThings(model));
  if (label === undefined || model.ownerIsDown(label)) return undefined;
  return ask(
    'ask',
    [`~thing:${label}`, `~vat:${model.thing(label).owner}`],
    ['ask', label],
    answer => expectSettlement(`ask ${label}`, answer, model.answerOf(label)),
  );
};

const askHolder: Proposal = (model, random) => {
  const slot = pickSlot(random, upVats(model), true);
  if (!slot) return undefined;
  const { vat, place, key } = slot;
  const label = vat.place(place).get(key) ?? '';
  const { owner } = model.thing(label);
  if (model.ownerIsDown(label)) return undefined;
  return ask(
    'ask a holder',
    [...new Set([`~vat:${vat.name}`, `~vat:${owner}`]), lockOf(slot)],
    ['tell', vat.name, 'ask', place, key],
    answer => expectSettlement(`${vat.name} asks ${label}`, answer, model.answerOf(label)),
    vat,
  );
};

const askParameter: Proposal = (model, random) => {
  const vat = random.pick(upVats(model).filter(({ parameters }) => parameters.keep !== undefined));
  const label = vat?.parameters.keep;
  if (!vat || label === undefined || model.ownerIsDown(label)) return undefined;
  return ask(
    'ask a parameter',
    [...new Set([`~vat:${vat.name}`, `~vat:${model.thing(label).owner}`])],
    ['tell', vat.name, 'askParameter'],
    answer => expectSettlement(`${vat.name} asks its ${label}`, answer, model.answerOf(label)),
    vat,
  );
};

const takeRoot: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  const label = `root:${vat?.name}`;
  if (!vat) return undefined;
  return ask('take a root', [`thing:${label}`], ['takeRoot', vat.name, label], answer => {
    if (answer) expectEqual(`identity of ${label}`, settlementOf(answer)[2], true);
    model.driver.place('things').set(label, label);
  });
};

const mark: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  const label = random.pick(driverThings(model));
  const place = random.pick(weakPlaces);
  if (!vat || label === undefined || !place) return undefined;
  const on = random.chance(80);
  return ask(
    on ? 'mark' : 'unmark',
    [`~vat:${vat.name}`, `~thing:${label}`, `mark:${vat.name}:${label}:${place}`],
    ['give', label, vat.name, on ? 'mark' : 'unmark', place],
    answer => {
      if (isRefused(model, vat, place, label)) {
        if (answer && on) expectEqual(`marking ${label}`, settlementOf(answer)[0], 'rejected');
        return;
      }
      const marks = vat.marks(place);
      if (on) marks.add(label);
      // A weak store throws if there is nothing to delete.
      else if (!marks.delete(label) && place !== 'weakRAM') return;
      expectSettlement(`${vat.name} marks ${label} in ${place}`, answer, fulfilled);
    },
    vat,
  );
};

const isMarked: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  const label = random.pick(driverThings(model));
  const place = random.pick(weakPlaces);
  if (!vat || label === undefined || !place) return undefined;
  return ask(
    'recognize',
    [`~vat:${vat.name}`, `~thing:${label}`, `mark:${vat.name}:${label}:${place}`],
    ['give', label, vat.name, 'isMarked', place],
    answer => {
      if (isRefused(model, vat, place, label)) return;
      const known = vat.marks(place).has(label);
      expectSettlement(`${vat.name} recognizes ${label}`, answer, ['fulfilled', known]);
    },
    vat,
  );
};

/** The driver drops an ended vat. */
export const forget = (model: Model, name: string) =>
  ask('forget a vat', [`vat:${name}`], ['forgetVat', name], () => {
    model.gone.delete(name);
    model.driver.place('roots').delete(name);
  });

const forgetVat: Proposal = (model, random) => {
  const name = random.pick(model.gone);
  return name === undefined ? undefined : forget(model, name);
};

const tellGone: Proposal = (model, random) => {
  const name = random.pick(model.gone);
  if (name === undefined) return undefined;
  return ask('tell a vat that is gone', [`vat:${name}`], ['tell', name, 'count'], answer =>
    expectSettlement(`tell ${name}`, answer, TERMINATED),
  );
};

export const objectProposals: readonly (readonly [number, Proposal])[] = [
  [10, make],
  [14, give],
  [5, fetch],
  [6, pass],
  [8, drop],
  [6, dropOwn],
  [5, askDriver],
  [5, askHolder],
  [2, askParameter],
  [1, takeRoot],
  [7, mark],
  [3, isMarked],
  [2, forgetVat],
  [1, tellGone],
];
