/** Operations that create, upgrade, end, suspend and resume vats. */
import type { SwingsetController } from '../../../lib/controller/types.js';
import { makeErrorData } from '../../../lib/kernel/delivery/kmarshal.js';
import type { ServiceRequester } from '../../../lib/types/vat-service.js';
import { VatStateError } from '../../../lib/kernel/delivery/errors.js';
import { disconnection, TERMINATED, VatModel, type Model, type Settlement } from '../model.js';
import {
  ask,
  expectEqual,
  expectOneOf,
  expectProblem,
  expectSettlement,
  fulfilled,
  isSuccess,
  settlementOf,
  SoakFailure,
  upVats,
  type Operation,
  type Proposal,
} from '../operation.js';
import type { Random } from '../../support/random.js';

const someReapInterval = (model: Model, random: Random): number | 'never' =>
  random.chance(20) ? 'never' : model.deliveriesPerReap * (1 + random.below(50));

const create: Proposal = (model, random) => {
  if (model.vats.size >= model.maxVats) return undefined;
  const name = model.newName('p');
  const keep = random.chance(30) ? random.pick(model.driver.place('things').keys()) : undefined;
  const enablePipelining = random.chance(30);
  // Each collection of garbage in this process takes its time.
  const hasLocal = [...model.vats.values()].some(({ isLocal }) => isLocal);
  const options = {
    enablePipelining,
    managerType: random.chance(15) && !hasLocal ? 'local' : model.worker,
    ...(random.chance(50) && { reapInterval: someReapInterval(model, random) }),
  };
  const locks = [`vat:${name}`, ...(keep === undefined ? [] : [`~thing:${keep}`])];
  return ask(
    `create on ${options.managerType}`,
    locks,
    ['create', name, 'player', options, keep],
    answer => {
      if (!answer || !isSuccess(answer)) throw new SoakFailure(`${name} was not created`);
      const [kref = ''] = answer.slots;
      const parameters = keep === undefined ? {} : { keep };
      const isLocal = options.managerType === 'local';
      model.addVat(new VatModel(name, { parameters, enablePipelining, isLocal }), kref);
    },
  );
};

const createRefused: Proposal = model => {
  const name = model.newName('refused');
  return ask('create in vain', [], ['create', name, 'player', { refuse: true }], answer => {
    if (answer) expectProblem(`create ${name}`, answer.value, /refused to start/);
  });
};

const setFails: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  if (!vat) return undefined;
  const fails = !vat.fails;
  return ask(
    fails ? 'set to fail' : 'set to start',
    [`vat:${vat.name}`],
    ['tell', vat.name, 'setFails', fails],
    answer => {
      expectSettlement(`set ${vat.name} to ${fails ? 'fail' : 'start'}`, answer, fulfilled);
      vat.fails = fails;
    },
    vat,
  );
};

const count: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  if (!vat) return undefined;
  return ask(
    'count',
    [`~vat:${vat.name}`],
    ['tell', vat.name, 'count'],
    answer => {
      vat.inRAM += 1;
      vat.count += 1;
      const counts = [vat.inRAM, vat.count];
      expectSettlement(`count in ${vat.name}`, answer, ['fulfilled', counts]);
    },
    vat,
  );
};

/** The result of an upgrade with these parameters. Updates the model. */
const upgraded = (
  model: Model,
  vat: VatModel,
  parameters: VatModel['parameters'],
  message: string,
  actual: readonly unknown[] | undefined,
): Settlement | undefined => {
  if (vat.fails && !parameters.mend) return undefined;
  // What it owes to others may have started it in the midst of it all.
  if (vat.suspended && !vat.isDown) {
    const told = actual?.[1] as { incarnationNumber?: number } | undefined;
    if (told?.incarnationNumber === vat.incarnation + 1) model.started(vat);
  }
  const wasSuspended = vat.suspended;
  const holder = vat.requested === 'host' ? 'host' : vat.pauseRequested;
  // Parameters of the end are those of the next incarnation.
  vat.parameters = parameters;
  if (!wasSuspended) model.endIncarnation(vat, message);
  model.started(vat);
  if (wasSuspended) {
    vat.pauseRequested = holder;
    vat.paused = holder !== undefined;
  }
  if (!vat.isDown) model.release(vat);
  return ['fulfilled', { incarnationNumber: vat.incarnation }];
};

const expectUpgrade = (
  what: string,
  actual: readonly unknown[],
  expected: Settlement | undefined,
): void => {
  if (expected) expectEqual(what, actual, expected);
  else expectProblem(what, actual, /vat-upgrade failure/);
};

const upgradeTo = (model: Model, vat: VatModel, vatParameters: { mend?: true }) => {
  const upgradeMessage = model.newName('edition ');
  return ask(
    'upgrade',
    [`vat:${vat.name}`],
    ['upgrade', vat.name, { vatParameters, upgradeMessage }],
    answer => {
      const actual = answer && settlementOf(answer);
      const expected = upgraded(model, vat, vatParameters, upgradeMessage, actual);
      if (actual) expectUpgrade(`upgrade ${vat.name}`, actual, expected);
    },
  );
};

/** Whatever keeps a vat from its work; an upgrade also ends what its parameters hold. */
export const bringBack = function* bringBack(model: Model, vat: VatModel) {
  yield upgradeTo(model, vat, { mend: true });
  if (vat.paused) yield changeByHost(model, vat, 'unpause');
};

const upgrade: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  if (!vat) return undefined;
  const what = `upgrade ${vat.name}`;
  const mends = random.chance(60) ? ({ mend: true } as const) : {};
  const keep = random.chance(30) ? random.pick(model.driver.place('things').keys()) : undefined;
  // Liveslots can't interpret a vat's own objects before its code has run.
  if (keep !== undefined && model.thing(keep).owner !== vat.name) {
    return ask(
      'upgrade',
      [`vat:${vat.name}`, `~thing:${keep}`],
      ['upgradeKeeping', vat.name, keep, mends],
      answer => {
        const actual = answer && settlementOf(answer);
        const expected = upgraded(model, vat, { ...mends, keep }, 'vat upgraded', actual);
        if (actual) expectUpgrade(what, actual, expected);
      },
    );
  }
  return upgradeTo(model, vat, mends);
};

/** Messages in flight to a vat, and answers from it, while it is upgraded or ends. */
const race: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  if (!vat) return undefined;
  const each = 1 + random.below(3);
  const ends = random.chance(25);
  const upgradeMessage = model.newName('edition ');
  const mend = random.chance(60) ? ({ mend: true } as const) : {};
  const life = ends
    ? (['terminateWithFailure', 'lost the race'] as const)
    : (['upgrade', { vatParameters: mend, upgradeMessage }] as const);
  return ask(
    ends ? 'race with an end' : 'race with an upgrade',
    [`vat:${vat.name}`],
    ['race', vat.name, each, ...life],
    answer => {
      const [outcome, ...others] = (answer ? settlementOf(answer) : []) as unknown[][];
      const allowed: Settlement[] = [['fulfilled', 'the driver']];
      if (ends) {
        model.terminate(vat);
        expectEqual(`end of ${vat.name}`, outcome, fulfilled);
        allowed.push(TERMINATED);
      } else {
        vat.count += 2 * each;
        const expected = upgraded(model, vat, mend, upgradeMessage, outcome);
        if (outcome) expectUpgrade(`race with ${vat.name}`, outcome, expected);
        if (expected) allowed.push(disconnection(upgradeMessage, vat.incarnation - 1));
      }
      for (const other of others) expectOneOf(`race with ${vat.name}`, other, allowed);
    },
    vat,
  );
};

const end: Proposal = (model, random) => {
  const vat = random.pick(upVats(model));
  const how = random.pick(['terminate', 'exit', 'exitWithFailure'] as const);
  if (!vat || !how || model.vats.size < 4) return undefined;
  const words = `last words of ${vat.name}`;
  return ask(
    how,
    [`vat:${vat.name}`],
    ['end', vat.name, how, words],
    answer => {
      const [told, done, counted] = (answer ? settlementOf(answer) : []) as unknown[][];
      vat.inRAM += 1;
      vat.count += 1;
      const counts: Settlement = ['fulfilled', [vat.inRAM, vat.count]];
      model.terminate(vat);
      expectEqual(`${how} ${vat.name}`, told, how === 'exitWithFailure' ? TERMINATED : fulfilled);
      expectEqual(`done of ${vat.name}`, done, [how === 'exit' ? 'fulfilled' : 'rejected', words]);
      const allowed = how === 'terminate' ? [TERMINATED, counts] : [TERMINATED];
      expectOneOf(`count after ${how}`, counted, allowed);
    },
    vat,
  );
};

export const endByHost = (model: Model, vat: VatModel): Operation => ({
  kind: 'terminate by host',
  locks: [`vat:${vat.name}`],
  send: controller => {
    const { id } = statusOf(controller, vat.name);
    controller.terminateVat(id, makeErrorData('the host wants it so'));
    return undefined;
  },
  apply: () => model.terminate(vat),
});

const hostEnds: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  return vat && model.vats.size >= 4 ? endByHost(model, vat) : undefined;
};

const statusOf = (controller: SwingsetController, name: string) => {
  const found = controller.getStatus().activeVats.find(({ options }) => options.name === name);
  if (!found) throw new SoakFailure(`there is no vat ${name}`);
  return found;
};

type Change = 'suspend' | 'resume' | 'pause' | 'unpause';

const isHeldByHost = ({ requested, pauseRequested }: VatModel): boolean =>
  requested === 'host' || pauseRequested === 'host';

/** Only the host undoes what the host asked for. */
const jointly = (before: ServiceRequester | undefined, by: ServiceRequester): ServiceRequester =>
  before === 'host' ? before : by;

const change = (model: Model, vat: VatModel, how: Change, by: ServiceRequester): void => {
  switch (how) {
    case 'suspend':
      // Paused first: the promises that its end rejects are news that wait.
      if (!vat.suspended) {
        vat.suspended = true;
        vat.paused = true;
        model.endIncarnation(vat, 'vat suspended');
      }
      vat.paused = true;
      vat.requested = jointly(vat.requested, by);
      vat.broken = false;
      return;
    case 'resume':
      vat.pauseRequested = undefined;
      if (vat.suspended) {
        if (!vat.canStart) {
          vat.paused = true;
          vat.requested = undefined;
          vat.broken = true;
          return;
        }
        model.started(vat);
      }
      vat.paused = false;
      break;
    case 'pause':
      vat.paused = true;
      vat.pauseRequested = jointly(vat.pauseRequested, by);
      return;
    case 'unpause':
      vat.paused = false;
      vat.requested = undefined;
      vat.pauseRequested = undefined;
      break;
    default:
      how satisfies never;
  }
  if (!vat.isDown) model.release(vat);
};

const changeByDriver = (model: Model, vat: VatModel, how: Change) =>
  ask(how, [`vat:${vat.name}`], ['admin', vat.name, how], answer => {
    const isLift = how === 'resume' || how === 'unpause';
    if (isLift && isHeldByHost(vat)) {
      if (answer) expectProblem(`${how} ${vat.name}`, answer.value, /out of service/);
      return;
    }
    change(model, vat, how, 'adminNode');
    expectSettlement(`${how} ${vat.name}`, answer, fulfilled);
  });

const changeByHost = (model: Model, vat: VatModel, how: Change): Operation => {
  return {
    kind: `${how} by host`,
    locks: [`vat:${vat.name}`],
    send: async controller => {
      const { id } = statusOf(controller, vat.name);
      try {
        await controller[`${how}Vat`](id);
      } catch (error) {
        // That it can't start shows in its flags.
        if (!(error instanceof VatStateError)) throw error;
      }
      return undefined;
    },
    apply: () => change(model, vat, how, 'host'),
  };
};

const takeOutOrBack: Proposal = (model, random: Random) => {
  const vats = [...model.vats.values()];
  const vat = random.pick(vats);
  if (!vat) return undefined;
  // Most vats should be in service most of the time.
  const isOut = vat.suspended || vat.paused;
  const isBusy = vats.filter(each => each.isDown).length > 2;
  if (!isOut && isBusy) return undefined;
  const how = random.pick<Change>(
    isOut ? ['resume', 'resume', 'unpause', 'pause'] : ['suspend', 'pause'],
  );
  if (!how) return undefined;
  return random.chance(50) ? changeByDriver(model, vat, how) : changeByHost(model, vat, how);
};

const changeOptions: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  if (!vat) return undefined;
  const reapInterval = someReapInterval(model, random);
  return ask(
    'change options',
    [`~vat:${vat.name}`],
    ['admin', vat.name, 'changeOptions', { reapInterval }],
    answer => expectSettlement(`change options of ${vat.name}`, answer, fulfilled),
  );
};

const burnOut: Proposal = model => {
  // Nothing meters the vats in this process.
  if (model.worker === 'local') return undefined;
  const name = model.newName('burning');
  return ask('empty a meter', [], ['burnOut', name, 40_000_000n], answer => {
    if (!answer) return;
    const expected = ['rejected', 'meter underflow, vat terminated'];
    expectEqual(`end of ${name}`, answer.value, expected);
  });
};

const offences: readonly (readonly unknown[])[] = [
  ['send', 'o-999', { body: '#["x",[]]', slots: [] }],
  ['dropImports', ['o-997']],
  ['retireExports', ['o+0']],
  ['resolve', [['p-777', false, { body: '#1', slots: [] }]]],
];

const outlaw: Proposal = (model, random) => {
  const name = model.newName('outlaw');
  const steps = [['vatstoreSet', 'row', 'undone'], random.pick(offences)];
  return ask('break a rule', [], ['outlaw', name, steps], answer => {
    if (!answer) return;
    const [told, done] = settlementOf(answer);
    expectEqual(`offence of ${name}`, told, TERMINATED);
    expectProblem(`end of ${name}`, done, /prepare to die/);
  });
};

/** Happens exactly once, whatever else happens to the vat. */
export const tally: Proposal = (model, random) => {
  const vat = random.pick(model.vats.values());
  if (!vat) return undefined;
  return ask(
    'tally',
    [`~vat:${vat.name}`],
    ['tell', vat.name, 'tally'],
    answer => {
      expectSettlement(`tally in ${vat.name}`, answer, fulfilled);
      vat.count += 1;
    },
    vat,
  );
};

export const lifeProposals: readonly (readonly [number, Proposal])[] = [
  [4, create],
  [0.5, createRefused],
  [1, setFails],
  [10, count],
  [2, upgrade],
  [1, race],
  [1, end],
  [0.5, hostEnds],
  [3, takeOutOrBack],
  [1, changeOptions],
  [0.1, burnOut],
  [0.3, outlaw],
];
