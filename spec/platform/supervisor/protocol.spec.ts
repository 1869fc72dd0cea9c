import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { startXsnapProcess, type XsnapProcess } from '../../../lib/platform/xsnap-process.js';
import type { Bundle } from '../../../lib/store/types.js';
import { decodeItem, encodeItem } from '../../../lib/workers/xsnap-protocol.js';
import { makeVatKernel, startVat } from '../../workers/support/fixture.js';
import type { VatSyscall } from '../../../lib/types/messages.js';
import { bundlePackages, esModule, FAR, fileOf } from './support/archives.js';
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
        return encodeItem(item[0] === 'syscall' ? kernel.handle(item[1] as VatSyscall) : ['ok']);
      },
    });
    running.push(process);
    await process.isReady();
    const command = async (...item: unknown[]) => {
      const { reply, compute } = await process.command(encodeItem(item));
      return { reply: decodeItem(reply), compute };
    };
    const snapshot = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.makeSnapshotStream()) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    return { command, sent, snapshot };
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
});
