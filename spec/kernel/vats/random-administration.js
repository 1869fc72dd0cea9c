/** What the bootstrap vat of the random vats does beyond the others: other vats' lives, and time. */
import { E, Far } from '@endo/far';

const MOST_VATS = 8;

export const makeAdministration = async ({ vats, devices, random, shelf, hear, critical }) => {
  const service = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
  const criticalKey = await E(vats.vatAdmin).getCriticalVatKey();
  const timer = await E(vats.timer).createTimerService(devices.timer);
  const bundleCap = await E(service).getNamedBundleCap('live');
  // Kept for ever: SwingSet keeps those of ended vats as well (docs/differences.md).
  const nodes = [];
  const meters = [];
  // SwingSet drops the roots of vats when nobody holds them.
  const roots = [vats.vatAdmin, vats.timer];
  const tokens = [Far('token', {})];
  let made = 0;
  const handler = () =>
    Far('handler', { wake: time => void shelf.learn(time), updateState: () => {} });

  const choose = nth => nodes[nth % nodes.length];
  const actions = {
    create() {
      if (made >= MOST_VATS) return;
      made += 1;
      const options = {
        ...{ name: `vat${made}`, reapInterval: 1000, managerType: 'local' },
        vatParameters: { seed: random.below(1000), fail: random.chance(10), ends: 4 },
        ...(random.chance(30) && meters.length > 0 && { meter: random.pick(meters) }),
        ...(critical && random.chance(20) && { critical: criticalKey }),
      };
      const created = E(service).createVat(bundleCap, options);
      hear(
        created.then(({ root, adminNode }) => {
          nodes.push({ root, adminNode });
          shelf.learn(root);
          return root;
        }),
      );
    },
    done: () => nodes.length > 0 && hear(E(random.pick(nodes).adminNode).done()),
    terminate() {
      if (nodes.length === 0 || random.chance(50)) return;
      const { root, adminNode } = random.pick(nodes);
      hear(E(root).do(1));
      hear(E(adminNode).terminateWithFailure(Error('terminated')));
      hear(E(root).do(1));
    },
    changeOptions: () =>
      nodes.length > 0 &&
      hear(E(random.pick(nodes).adminNode).changeOptions({ reapInterval: 900 })),
    async makeMeter() {
      if (meters.length > 3) return;
      const meter = await E(service).createMeter(BigInt(random.below(1000)), 10n);
      meters.push(meter);
    },
    useMeter() {
      if (meters.length === 0) return;
      const meter = random.pick(meters);
      const kind = random.below(3);
      if (kind === 0) hear(E(meter).addRemaining(5n));
      else if (kind === 1) hear(E(meter).setThreshold(BigInt(random.below(50))));
      else hear(E(meter).get());
    },
    wake() {
      const at = BigInt(random.below(500));
      const kind = random.below(6);
      const token = random.chance(50) ? random.pick(tokens) : undefined;
      if (kind === 0) hear(E(timer).setWakeup(at, handler(), token));
      else if (kind === 1) hear(E(timer).delay(at % 20n, token));
      else if (kind === 2) hear(E(timer).wakeAt(at, token));
      else if (kind === 3) hear(E(timer).repeatAfter(at % 9n, 1n + (at % 7n), handler(), token));
      else if (kind === 4) hear(E(timer).getCurrentTimestamp());
      else hear(E(timer).cancel(token ?? tokens[0]));
    },
    token: () => void tokens.push(Far('token', {})),
  };
  const kinds = Object.keys(actions);
  return {
    act: () => actions[random.pick(kinds)](),
    roots: () => roots,
    prepare: nth => nodes.length > 0 && E(choose(nth).root).forgetAll(),
    upgrade: (nth, vatParameters) =>
      nodes.length > 0 &&
      E(choose(nth).adminNode)
        .upgrade(bundleCap, { vatParameters })
        .then(
          ({ incarnationNumber }) => incarnationNumber,
          reason => `${reason?.message}`,
        ),
  };
};
