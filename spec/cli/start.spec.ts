import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import { until } from '../support/processes.js';
import { makeTempDir } from '../support/swingset.js';
import { command, startServer } from './processes.js';

const vats = fileURLToPath(new URL('../host/solo-server/vats', import.meta.url));

const start = (home: string, ...args: string[]) => startServer(home, vats, ...args);

describe('swingset-kernel start', () => {
  let home: string;

  beforeEach(() => {
    home = join(makeTempDir(), 'home');
  });

  it('serves send and result, and stops at SIGTERM in the midst of work, which the next start ends', async () => {
    const first = await start(home, '--worker', 'local', '--epoch', '1', '--block-computrons', '1');
    const added = await command('send', 'tally', 'add', '5', '--home', home, '--wait', '90');
    expect(added.stderr).to.equal('');
    expect(added.stdout).to.match(/^kp\d+ fulfilled: 5\n$/);
    expect(added.code).to.equal(0);
    const echoed = await command(
      ...['send', 'tally', 'echo', 'text', '{"a":[1]}', '--home', home, '--json', '--', '-1'],
    );
    const { kpid } = JSON.parse(echoed.stdout) as { kpid: string };
    const result = await command('result', kpid, '--home', home, '--json', '--wait', '90');
    expect(JSON.parse(result.stdout)).to.deep.include({
      status: 'fulfilled',
      value: ['text', { a: [1] }, -1],
    });

    const CRANKS = 100;
    const { kpid: last } = (await first.send('bootstrap', 'spread', CRANKS)).json as {
      kpid: string;
    };
    await first.ask(`/v1/results/${last}?wait=90`);
    const { how, stderr } = await first.end('SIGTERM');
    expect([how, stderr]).to.deep.equal([[0, null], '']);
    expect(existsSync(join(home, 'solo-server.json'))).to.equal(false);
    const refused = await command('send', 'tally', 'add', '5', '--home', home);
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain('no server runs for').and.contain('swingset-kernel start');

    const second = await start(home, '--epoch', '2');
    expect(second.report?.vats.map(({ result: each }) => each)).to.include('restarted');
    expect(await second.call('tally', 'add', 0)).to.equal(5);
    let steps = 0;
    while (steps < CRANKS) {
      const before = steps;
      steps = (await second.call('tally', 'steps')) as number;
      expect(steps).to.be.at.least(before);
    }
    expect(steps).to.equal(CRANKS);
    expect((await second.end('SIGTERM')).how).to.deep.equal([0, null]);
  });

  it('delivers every message that it answered exactly once, however it is killed', async () => {
    let answered = 0;
    const startAndCount = async (epoch: string) => {
      const server = await start(home, '--worker', 'xsnap', '--epoch', epoch);
      const total = (await server.call('tally', 'add', 0)) as number;
      // The last one before a kill had no answer. It may have been committed.
      expect(total).to.be.within(answered, answered + 1);
      answered = total;
      return server;
    };
    for (const epoch of ['1', '2']) {
      const server = await startAndCount(epoch);
      const before = answered;
      let isOver = false;
      const sendOn = async (): Promise<void> => {
        while (!isOver) {
          // An error is the end of the server.
          const { status } = await server.send('tally', 'add', 1).catch(() => ({ status: 0 }));
          if (status === 200) answered += 1;
          else isOver = true;
        }
      };
      const sending = sendOn();
      await until(() => answered >= before + 10);
      expect((await server.end('SIGKILL')).how).to.deep.equal([null, 'SIGKILL']);
      await sending;
      expect(existsSync(join(home, 'solo-server.json'))).to.equal(true);
    }
    const stale = await command('send', 'tally', 'add', '1', '--home', home);
    expect(stale.code).to.equal(1);
    expect(stale.stderr).to.contain('without a clean stop');
    const last = await startAndCount('2');
    expect((await last.end('SIGTERM')).how).to.deep.equal([0, null]);
  });

  it('says what is wrong with its arguments', () => {
    const parse = (line: string) => () => parseCommandLine(line.split(' '));
    expect(parse('start --home h --port 70000')).to.throw('0 to 65535');
    expect(parse('start --home h --block-interval soon')).to.throw('Expected seconds');
    expect(parse('start --home h --mode lazy')).to.throw('needs --epoch');
    expect(parse('send tally --home h')).to.throw("missing required argument 'method'");
    expect(parse('result kp40 kp41 --home h')).to.throw('unexpected argument "kp41"');
    expect(parse('result kp40')).to.throw("required option '--home <dir>'");
    expect(parse('start --home h --port 8117 --block-interval 0.5 -- x')()).to.deep.include({
      command: 'start',
      port: 8117,
      blockInterval: 0.5,
      argv: ['x'],
    });
  });
});
