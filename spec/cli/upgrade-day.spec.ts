/** An operator's day, as `docs/operations.md` tells it, by the command line only (issue 17). */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeTempDir } from '../support/swingset.js';
import { command, startServer } from './processes.js';

const vats = fileURLToPath(new URL('./vats/upgrade-day', import.meta.url));
const mended = fileURLToPath(new URL('./vats/upgrade-day/mended/vat-till.js', import.meta.url));

describe('the day of an upgrade', () => {
  it('from a rehearsal that finds the vat that will fail, to its messages delivered', async () => {
    const dir = makeTempDir();
    const home = join(dir, 'store');
    const on = (...args: string[]) => command(...args, '--home', home);
    /** The output of a command that must succeed. */
    const done = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await on(...args);
      expect(code, `${args.join(' ')}: ${stdout}${stderr}`).to.equal(0);
      return stdout;
    };
    const answer = (...args: string[]) => done('send', ...args, '--wait', '99');

    // An ordinary day.
    expect(await done('init', vats, '--epoch', 'spring')).to.contain('at platform epoch spring');
    const spring = await startServer(home, '--epoch', 'spring');
    expect(await answer('shop', 'sell', '3')).to.match(/^kp\d+ fulfilled: 3\n$/);
    expect(await answer('till', 'add', '5')).to.match(/^kp\d+ fulfilled: 5\n$/);

    // Before: what will happen? The server goes on meanwhile.
    const plan = await done('epoch', 'plan', '--epoch', 'summer');
    for (const name of ['bootstrap', 'shop', 'till']) expect(plan).to.contain(name);
    const rehearsal = await on('rehearse', '--epoch', 'summer');
    expect(rehearsal.code).to.equal(1);
    expect(rehearsal.stdout)
      .to.match(/till .*suspended/)
      .and.match(/shop .*restarted/);

    // Empty the queue, stop, back up.
    expect(await done('drain')).to.match(/nothing is queued/);
    expect((await spring.end('SIGTERM')).how).to.deep.equal([0, null]);
    await done('store', 'copy', join(dir, 'before-summer'));

    // The new epoch.
    const summer = await startServer(home, '--epoch', 'summer', '--require-empty-queue');
    const results = new Map(summer.report?.vats.map(({ name, result }) => [name, result]));
    expect([results.get('shop'), results.get('till')]).to.deep.equal(['restarted', 'suspended']);
    expect(await answer('shop', 'sell', '4')).to.match(/^kp\d+ fulfilled: 7\n$/);
    const sent = await done('send', 'till', 'add', '7');
    const [kpid = ''] = /^kp\d+/.exec(sent) ?? [];
    expect(await done('result', kpid)).to.contain('unresolved');
    expect(await done('vats', '--state', 'failed'))
      .to.match(/\btill\b/)
      .and.not.match(/\bshop\b/);
    const till = await done('vat', 'till');
    expect(till).to.contain('already registered').and.contain(kpid);

    // Mended: what waited is delivered.
    await done('upgrade', 'till', '--source', mended);
    expect(await done('result', kpid, '--wait', '99')).to.match(/fulfilled: 12\n$/);
    expect(await done('vats', '--state', 'failed')).not.to.match(/\btill\b/);
    expect((await summer.end('SIGTERM')).how).to.deep.equal([0, null]);
    expect(await done('epochs')).to.match(/spring[^]*summer .*complete/);
    await done('store', 'verify');

    // The way back: the backup on the old platform has what it had.
    const back = join(dir, 'before-summer');
    const again = await startServer(back, '--epoch', 'spring');
    expect(await again.call('till', 'add', 1)).to.equal(6);
    expect((await again.end('SIGTERM')).how).to.deep.equal([0, null]);
  });
});
