/** What `run` and `status` tell an operator: failed starts, what was not read, and what waits. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FailedStart } from '../../lib/cli/failed-starts.js';
import type { SwingsetSummary } from '../../lib/host/swingset-summary.js';
import { openShops } from '../platform-epoch/support/market.js';
import { makeTempDir } from '../support/swingset.js';
import { runCommand } from './support.js';

/** Two shops, v4 and v5, which can't start again with the parameters that they have retained. */
const makeShops = async (): Promise<string> => {
  const home = join(makeTempDir(), 'home');
  const life = await openShops(['shop', 'stall'], { store: { path: home } });
  life.controller.pauseVat('v1');
  await life.hostStorage.commit();
  await life.close();
  return home;
};

const json = <T>(text: string): T => JSON.parse(text) as T;

describe('swingset-kernel run', () => {
  it('exits with 5 when a vat could not start, and commits; status says since when, and what waits', async () => {
    const home = await makeShops();
    const before = json<SwingsetSummary>(
      (await runCommand('status', '--home', home, '--json')).text,
    );
    const ran = await runCommand('run', '--home', home, '--epoch', '2');
    expect(ran.code).to.equal(5);
    expect(ran.text).to.match(
      /\n2 vats could not start: v4 shop \(suspended\), v5 stall \(suspended\)$/,
    );

    const status = await runCommand('status', '--home', home);
    expect(status.code).to.equal(0);
    expect(status.text).to.match(/^crank \d+, 0 events queued/);
    const { crankNumber } = before;
    expect(status.text).to.match(/^v4 +shop +could not start +crank \d+, epoch 2 +0$/m);
    expect(status.text).to.match(
      new RegExp(`^v1 +market +paused by the host +crank ${crankNumber}, epoch 1 +0$`, 'm'),
    );

    // They stay as they are, and that is no failure of this run.
    const again = await runCommand('run', '--home', home, '--epoch', '2', '--json');
    expect(again.code).to.equal(0);
    expect(json<{ failed: FailedStart[] }>(again.text).failed).to.deep.equal([]);
  });

  it('exits with 5 when a vat is terminated because it could not start', async () => {
    const home = await makeShops();
    const { code, text } = await runCommand(
      ...['run', '--home', home, '--epoch', '2', '--on-vat-failure', 'terminate', '--json'],
    );
    expect(code).to.equal(5);
    const { failed } = json<{ failed: FailedStart[] }>(text);
    expect(failed.map(({ vatID, result }) => [vatID, result])).to.deep.equal([
      ['v4', 'terminated'],
      ['v5', 'terminated'],
    ]);
  });

  it('exits with 5 when the start of a vat that slept fails and ends it', async () => {
    const home = await makeShops();
    const rolling = ['--mode', 'rolling', '--on-vat-failure', 'terminate'];
    // The second run goes on with what the first one has begun.
    for (const [more, ended] of [
      [rolling, 'v4'],
      [[], 'v5'],
    ] as const) {
      const ran = await runCommand('run', '--home', home, '--epoch', '2', ...more, '--json');
      expect(ran.code).to.equal(5);
      const { failed } = json<{ failed: FailedStart[] }>(ran.text);
      expect(failed).to.have.length(1);
      expect(failed[0]).to.deep.include({ vatID: ended, result: 'terminated' });
      expect(failed[0]?.error).to.include('till must not be in vatParameters');
    }
    expect((await runCommand('run', '--home', home, '--epoch', '2')).code).to.equal(0);
  });

  it('warns that it did not read a configuration, --worker or arguments for an existing swingset', async () => {
    const home = await makeShops();
    const config = join(makeTempDir(), 'broken.json');
    writeFileSync(config, 'no JSON');
    const { code, warnings } = await runCommand(
      ...['run', config, '--home', home, '--worker', 'xsnap', '--', 'alice'],
    );
    expect([code, warnings]).to.deep.equal([
      0,
      [
        `${config}, --worker xsnap, -- alice were ignored, because there is a swingset in ${home}: ` +
          'omit them, or pass --reset to delete the swingset and make a new one',
      ],
    ]);
    const one = await runCommand('run', config, '--home', home);
    expect(one.warnings).to.have.length(1);
    expect(one.warnings[0]).to.match(/^.*broken\.json was ignored, .*: omit it, or pass --reset /);
    expect((await runCommand('run', '--home', home)).warnings).to.deep.equal([]);
  });
});

describe('swingset-kernel status', () => {
  it('counts what waits for a paused vat beside the run-queue', async () => {
    const home = join(makeTempDir(), 'home');
    const life = await openShops(['shop'], { store: { path: home } });
    life.controller.pauseVat('v1');
    life.controller.queueToVatRoot('market', 'sell', ['shop']);
    life.controller.queueToVatRoot('market', 'sell', ['shop']);
    await life.run();
    await life.close();
    const { text } = await runCommand('status', '--home', home);
    expect(text).to.match(/^crank \d+, 0 events queued, 2 more wait for vats out of service$/m);
    expect(text).to.match(/^v1 +market +paused by the host +crank \d+, epoch 1 +2$/m);
    const summary = json<SwingsetSummary>(
      (await runCommand('status', '--home', home, '--json')).text,
    );
    expect([summary.queued, summary.waiting]).to.deep.equal([0, 2]);
    const market = summary.vats.find(({ name }) => name === 'market');
    expect(market).to.deep.include({
      waiting: 2,
      sinceEpoch: 1,
      service: { type: 'paused', pausedBy: 'host', sinceCrank: market?.service?.sinceCrank },
    });
    expect(summary.vats.filter(({ service }) => service !== null)).to.have.length(1);
  });
});
