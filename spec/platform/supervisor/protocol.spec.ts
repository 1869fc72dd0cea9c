import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { startXsnapProcess, type XsnapProcess } from '../../../lib/platform/xsnap-process.js';
import type { Bundle } from '../../../lib/store/types.js';
import { decodeItem, encodeItem } from '../../../lib/workers/xsnap-protocol.js';
import { makeVatKernel, startVat } from '../../workers/support/fixture.js';
import type { VatSyscall } from '../../../lib/types/messages.js';
import { bundleModules, bundlePackages, esModule, FAR, fileOf } from './support/archives.js';
import { makeImages } from './support/lives.js';

const OPTIONS = { enableDisavow: false, relaxDurabilityRules: false };

const bundle = bundlePackages({
  program: {
    './vat.js': esModule(
      `import bytes from './bytes.bin'; import text from './text.txt';
      ${FAR}
      export const buildRootObject = () => {
        console.log(text, new Uint8Array(bytes)[0]);
        new Uint8Array(bytes)[0] = 7;
        return Far('root', {});
      };`,
    ),
    './text.txt': fileOf('text', 'the text'),
    './bytes.bin': fileOf('bytes', new Uint8Array([1, 2, 3])),
  },
});

describe('the protocol of our supervisor', () => {
  const running: XsnapProcess[] = [];
  afterEach(async () => {
    for (const process of running.splice(0)) await process.kill();
  });

  /** A worker with our image, and what it has sent. */
  const start = async (image?: Uint8Array) => {
    const sent: unknown[] = [];
    const kernel = makeVatKernel();
    const bytes = image ?? (await makeImages()).own;
    const process = startXsnapProcess({
      powers: makeNodeWorkerPowers(),
      name: 'protocol',
      meteringLimit: 0,
      snapshot: {
        stream: (async function* () {
          yield bytes;
        })(),
        description: 'image',
      },
      handleCommand: request => {
        const item = decodeItem(request);
        sent.push(item);
        const [tag, ...syscalls] = item;
        if (tag !== 'syscall') return encodeItem(['ok']);
        return encodeItem(syscalls.map(each => kernel.handle(each as VatSyscall)).at(-1) ?? []);
      },
    });
    running.push(process);
    await process.isReady();
    const command = async (...item: unknown[]) => {
      const { reply: bytes, compute } = await process.command(encodeItem(item));
      const [...reply] = decodeItem(bytes);
      const late = reply.splice(3);
      for (const syscall of late) kernel.handle(syscall as VatSyscall);
      return { reply, compute, late };
    };
    const snapshot = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.makeSnapshotStream()) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    return { command, sent, kernel, snapshot };
  };

  const answerOf = async (...item: unknown[]): Promise<unknown> =>
    (await (await start()).command(...item)).reply;

  it('sets a vat up once, before anything is delivered', async () => {
    expect(await answerOf('deliver', ['bringOutYourDead'])).to.deep.equal([
      'err',
      'Error',
      'cannot deliver before setBundle',
    ]);
    const { command } = await start();
    expect((await command('setBundle', 'v1', bundle, OPTIONS)).reply).to.deep.equal([
      'dispatchReady',
      'unchecked',
    ]);
    expect((await command('setBundle', 'v1', bundle, OPTIONS)).reply).to.deep.equal([
      'err',
      'Error',
      'cannot setBundle again',
    ]);
    expect((await command('deliver', startVat())).reply).to.deep.equal(['ok', null, null]);
    expect((await command('deliver', startVat())).reply[0]).to.equal('error');
    expect((await command('knowBundle', bundle)).reply).to.deep.equal([
      'err',
      'Error',
      'knowBundle comes before setBundle',
    ]);
  });

  it('refuses commands and deliveries that it does not know', async () => {
    expect(await answerOf('dance')).to.deep.equal(['bad tag', 'dance']);
    const { command } = await start();
    await command('setBundle', 'v1', bundle, OPTIONS);
    for (const delivery of [['dance'], ['message', 'o+0'], ['notify', 'p-1'], 'message']) {
      expect((await command('deliver', delivery)).reply[0]).to.equal('err');
    }
  });

  it('fails the start of a vat whose archive can not be read', async () => {
    const broken: Record<string, unknown> = {
      'the zip has no directory at its end (3 bytes)': 'AAAA',
      'the zip has no directory at its end (0 bytes)': '',
    };
    for (const [problem, endoZipBase64] of Object.entries(broken)) {
      const { command } = await start();
      const cut: Bundle = { moduleFormat: 'endoZipBase64', endoZipBase64 };
      await command('setBundle', 'v1', cut, OPTIONS);
      expect((await command('deliver', startVat())).reply).to.deep.equal([
        'error',
        `Error: ${problem}`,
        null,
      ]);
    }
  });

  it('keeps the modules of a bundle in an image, but nothing that its vats could share', async () => {
    const cold = await start();
    await cold.command('setBundle', 'v1', bundle, OPTIONS);
    const started = await cold.command('deliver', startVat());

    const maker = await start();
    expect((await maker.command('knowBundle', bundle)).reply).to.deep.equal(['bundleKnown']);
    const image = await maker.snapshot();
    const printed = ['sourcedConsole', 'vat', 'log', 'the text', '1'];
    for (let vat = 0; vat < 2; vat += 1) {
      const warm = await start(image);
      await warm.command('setBundle', 'v1', bundle, OPTIONS);
      const { reply, compute } = await warm.command('deliver', startVat());
      expect(reply).to.deep.equal(['ok', null, null]);
      expect(compute).to.be.lessThan(started.compute ?? 0);
      expect(warm.sent).to.deep.equal(cold.sent);
      expect(warm.sent).to.deep.include(printed);
    }
  });

  it('keeps syscalls without an answer until something else goes to the kernel', async () => {
    const vat = `${FAR}
      export const buildRootObject = (_powers, _parameters, baggage) => Far('root', {
        tell: (thing, texts) => {
          for (const text of texts) HandledPromise.applyMethod(thing, 'hear', [text]);
        },
        mix: async thing => {
          const say = async n => {
            HandledPromise.applyMethod(thing, 'hear', [n]);
            for (let turns = 0; turns < 9; turns += 1) await null;
          };
          await say(1);
          baggage.has('key');
          await say(2);
          console.log('between');
          await say(3);
        },
      });`;
    const run = async (method: string, ...args: readonly unknown[]) => {
      const { command, sent, kernel } = await start();
      await command('setBundle', 'v1', bundleModules({ vat }), OPTIONS);
      await command('deliver', startVat());
      const [before, told] = [sent.length, kernel.syscalls.length];
      const body = `#${JSON.stringify([method, ['$0.Alleged: thing', ...args]])}`;
      const { reply, late } = await command('deliver', [
        'message',
        'o+0',
        { methargs: { body, slots: ['o-50'] } },
      ]);
      expect(reply).to.deep.equal(['ok', null, null]);
      const messages = (sent.slice(before) as [string, ...unknown[]][]).map(([tag, ...items]) =>
        tag === 'syscall' ? items.length : tag,
      );
      return { messages, late: late.length, syscalls: kernel.syscalls.slice(told) };
    };
    const heard = (syscalls: readonly VatSyscall[]): unknown[] =>
      syscalls.flatMap(syscall =>
        syscall[0] === 'send' ? [JSON.parse(syscall[2].methargs.body.slice(1))[1][0]] : [],
      );

    // A send is followed by a subscription, and each delivery by counters.
    const mixed = await run('mix');
    expect(mixed.messages).to.deep.equal([3, 1, 2, 'sourcedConsole']);
    expect(mixed.late).to.equal(3);
    expect(heard(mixed.syscalls)).to.deep.equal([1, 2, 3]);

    const many = await run(
      'tell',
      Array.from({ length: 600 }, (_, n) => n),
    );
    expect([many.messages, many.late]).to.deep.equal([[500, 500], 201]);
    expect(heard(many.syscalls)).to.deep.equal(Array.from({ length: 600 }, (_, n) => n));

    const lengths = [60_000, 60_000, 10, 300_000, 10];
    const long = await run(
      'tell',
      lengths.map(length => 'x'.repeat(length)),
    );
    expect([long.messages, long.late]).to.deep.equal([[2, 4, 1], 4]);
    expect(heard(long.syscalls).map(text => (text as string).length)).to.deep.equal(lengths);
  });
});
