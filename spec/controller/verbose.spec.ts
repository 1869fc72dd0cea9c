import { expect } from 'chai';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { answerOf, ask, makeConfig, silent, withoutSystemVats } from './support.js';

const recordLines = () => {
  const lines: string[] = [];
  const log = (...args: unknown[]) => void lines.push(args.join(' '));
  return { lines, console: { ...silent, log } };
};

describe('a verbose kernel', () => {
  it('prints what its initialization adds', async () => {
    const { lines, console } = recordLines();
    const { kernelStorage } = initSwingStore();
    const options = { ...withoutSystemVats, verbose: true, debugPrefix: 'test ' };
    await initializeSwingset(makeConfig('local'), [], kernelStorage, options, { console });
    expect(lines.map(line => line.replace(/b1-[0-9a-f]{128}/, 'b1-…'))).to.deep.equal([
      'test added vat v1 bootstrap: b1-…',
      'test added vat v2 vatAdmin: b1-…',
      'test added vat v3 counter: b1-…',
      'test added device d7 vatAdmin: built in',
    ]);
    const quiet = recordLines();
    const again = initSwingStore().kernelStorage;
    const powers = { console: quiet.console, verbose: true };
    await initializeSwingset(makeConfig('local'), [], again, withoutSystemVats, powers);
    expect(quiet.lines).to.deep.equal([]);
  });

  it('prints deliveries and syscalls, from the start or from any time on', async () => {
    const { kernelStorage } = initSwingStore();
    // Without argv, the bootstrap vat's parameters have none, as in SwingSet.
    const kpid = await initializeSwingset(
      ...([makeConfig('local'), undefined, kernelStorage, withoutSystemVats] as const),
    );
    const { lines, console } = recordLines();
    const printed = (): string[] => lines.splice(0).filter(line => /^p(->|<-| {3})/.test(line));
    const boot = (verbose: boolean) =>
      makeSwingsetController(kernelStorage, {}, { console, verbose, debugPrefix: 'p' });

    const first = await boot(true);
    await first.run();
    const { value } = answerOf(first, kpid ?? '');
    expect((value as { parameters: object }).parameters).to.deep.equal({});
    expect(printed()[0]).to.match(/^p-> v1 \["startVat"/);
    first.verboseDebugMode(false);
    await ask(first, 'counter', 'echo', 1);
    expect(printed()).to.deep.equal([]);
    await first.shutdown();

    const second = await boot(false);
    await ask(second, 'counter', 'echo', 1);
    expect(printed()).to.deep.equal([]);
    second.verboseDebugMode(true);
    await ask(second, 'counter', 'echo', 2);
    const [delivered] = printed();
    expect(delivered).to.match(/^p-> v3 \["message",/);
    await second.shutdown();
  });
});
