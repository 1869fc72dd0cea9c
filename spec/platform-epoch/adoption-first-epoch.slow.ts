import { expect } from 'chai';
import { readRows } from '../kernel/support/vatstore-audit.js';
import { disconnection } from './support/fixture.js';
import { alive, makeKeepers, type Keepers } from './support/keepers.js';
import { failureOf } from '../support/failure.js';

describe('a swingstore of SwingSet', () => {
  let keepers: Keepers;
  before('make one, and use it', async () => {
    keepers = await makeKeepers();
  });
  after(() => keepers.remove());

  const lost: readonly [string, unknown] = ['rejected', disconnection('first', 0)];
  /** What became of the messages in `queued`. */
  const answers: readonly (readonly [string, unknown])[] = [
    lost,
    lost,
    ['fulfilled', undefined],
    ['fulfilled', 12n],
    ['fulfilled', 2],
  ];

  it('restarts under its first epoch, with every durable value and every queued message', async () => {
    const { queued, vatIDOf, rowsBefore } = keepers;
    const life = await keepers.open({ platformEpoch: 'first' });
    const { controller } = life;
    const report = controller.getPlatformRestartReport()!;
    expect(report).to.include({ from: undefined, to: 'first', decision: 'advance' });
    expect(report.vats.map(({ name }) => name)).to.deep.equal([
      ...['boot', 'vatAdmin', 'comms', 'vattp', 'timer', 'static'],
      ...['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'],
    ]);
    expect(new Set(report.vats.map(({ result }) => result))).to.deep.equal(new Set(['restarted']));
    const found = (name: string) => report.vats.find(vat => vat.name === name);
    expect(found('boot')).to.include({ incarnation: 1 });
    expect(found('k7')).to.include({ incarnation: 3 });
    // An account that only RAM and a virtual collection held, and the rows of that collection.
    expect(found('k2')).to.include({ importsReclaimed: 1, rowsReclaimed: 5 });
    // The incarnations that SwingSet ran are not loaded.
    const dispatched = life.slog.filter(({ type }) => type === 'deliver').map(e => e['dispatch']);
    expect(new Set(dispatched)).to.deep.equal(new Set(['startVat']));
    expect(controller.getEpochLedger()).to.have.length(1);
    expect(controller.getEpochLedger()[0]).to.include({
      ...{ epoch: 'first', kind: 'name', status: 'complete' },
      ...{ restarted: 13, suspended: 0, failed: 0 },
    });

    for (const name of alive) {
      const rows = readRows(life.kernelStorage.kvStore, `${vatIDOf.get(name)}.vs.`);
      const durable = [...rowsBefore.get(name)!].filter(([key]) => {
        const collection = /^vc\.([0-9]+)\./.exec(key)?.[1];
        const isKept = collection !== undefined && rows.has(`vc.${collection}.|schemata`);
        return (isKept && key !== 'vc.1.slives') || key.startsWith('vom.o+d');
      });
      expect(durable.length).to.be.greaterThan(10);
      for (const [key, value] of durable) expect(rows.get(key), `${name} ${key}`).to.equal(value);
    }
    keepers.check(life);

    expect(queued.map(kpid => controller.kpStatus(kpid))).to.include('unresolved');
    await life.run();
    // A message that was at work in boot when the platform changed is lost to its sender, as in an
    // upgrade; those that had not reached boot are answered by its new incarnation.
    for (const [index, kpid] of queued.entries()) {
      const [status, expected] = answers[index]!;
      expect([index, controller.kpStatus(kpid)]).to.deep.equal([index, status]);
      const settled = () => Promise.resolve().then(() => life.resultOf(kpid));
      const result = status === 'rejected' ? await failureOf(settled()) : await settled();
      expect(result).to.deep.equal(expected);
    }
    await keepers.expectAllKept(life, 2);
    expect(life.kernelStorage.kvStore.get('vats.terminated')).to.equal('[]');
    expect(readRows(life.kernelStorage.kvStore, `${vatIDOf.get('k9')}.`).size).to.equal(0);
    for (const name of ['k8', 'k9']) {
      const error = await failureOf(life.call('boot', 'send', name, 'read'));
      expect(String(error)).to.include('vat terminated');
    }
    keepers.check(life);
  });
});
