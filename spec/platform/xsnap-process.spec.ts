import type { SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { WorkerProtocolError, WorkerSilentError } from '../../lib/platform/errors.js';
import { HEAP_OUT } from '../../lib/platform/heap-pipes.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { startXsnapProcess, type XsnapProcess } from '../../lib/platform/xsnap-process.js';
import { streamOf } from '../../lib/store/stream-of.js';
import { failureOf } from '../support/failure.js';

describe('an xsnap process', () => {
  for (const [what, name, shown] of [
    ['as it is', 'v5:price-feed_1.0', 'v5:price-feed_1.0'],
    ['without what ends an argument', 'v5:a\0b\nc d/é', 'v5:a_b_c_d__'],
    ['cut to a length that fits', `v5:${'x'.repeat(200_000)}`, `v5:${'x'.repeat(247)}`],
  ] as const) {
    it(`starts under the name of its vat, ${what}`, async () => {
      const powers = makeNodeWorkerPowers();
      let seen: readonly string[] = [];
      const spawn = ((command: string, args: readonly string[], options: object) => {
        seen = args;
        return powers.spawn(command, args, options);
      }) as typeof powers.spawn;
      const process = startXsnapProcess({
        powers: { ...powers, spawn },
        name,
        meteringLimit: 0,
      });
      await process.isReady();
      await process.evaluate('1 + 1');
      await process.kill();
      expect(seen[0]).to.equal(shown);
    });
  }

  it('has UTC as its time zone, wherever its host is (issue 18)', async () => {
    const { TZ } = process.env;
    process.env.TZ = 'Pacific/Apia';
    const seen: string[] = [];
    try {
      expect(new Date(0).getHours(), 'the host').to.equal(13);
      const worker = startXsnapProcess({
        powers: makeNodeWorkerPowers(),
        name: 'v5:clock',
        meteringLimit: 0,
        handleCommand: request => {
          seen.push(request.toString());
          return '';
        },
      });
      await worker.isReady();
      const dates = `[new Date(2020, 5, 1).getTime(), Date.parse('2020-06-01T00:00:00'),
        new Date(0).getHours(), new Date(0).getTimezoneOffset(), String(new Date(0))].join('; ')`;
      await worker.evaluate(`issueCommand(new TextEncoder().encode(${dates}).buffer)`);
      await worker.kill();
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
    expect(seen).to.deep.equal([
      '1590969600000; 1590969600000; 0; 0; Thu Jan 01 1970 00:00:00 GMT+0000',
    ]);
  });

  it('that hangs is ended, and what it did before that counts as life', async () => {
    const seen: string[] = [];
    const worker: XsnapProcess = startXsnapProcess({
      powers: makeNodeWorkerPowers(1),
      name: 'v5:hung',
      meteringLimit: 0,
      handleCommand: request => {
        seen.push(request.toString());
        return '';
      },
    });
    await worker.isReady();
    const hung = worker.evaluate(
      `issueCommand(new TextEncoder().encode('alive').buffer); for (;;);`,
    );
    const error = await failureOf(hung);
    expect(error).to.be.instanceOf(WorkerSilentError);
    expect(error).to.include({ code: 'WORKER_SILENT', milliseconds: 1000 });
    expect(seen).to.deep.equal(['alive']);
    expect(await worker.ended).to.deep.equal({ kind: 'signal', signal: 'SIGKILL' });
    expect(worker.ownFailure()).to.equal(undefined);
  });

  describe('writes its heap', () => {
    const start = (stream?: AsyncIterable<Uint8Array>): XsnapProcess =>
      startXsnapProcess({
        powers: makeNodeWorkerPowers(),
        name: 'v5:heap',
        meteringLimit: 0,
        ...(stream && { snapshot: { stream, description: 'a b' } }),
      });
    const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks);
    };

    it('again and again, also when nobody reads to the end, and another worker loads it', async () => {
      const worker = start();
      await worker.evaluate(`globalThis.kept = 'x'.repeat(1_000_000);`);
      for await (const chunk of worker.makeSnapshotStream()) {
        expect(chunk.length).to.be.greaterThan(0);
        break;
      }
      const heap = await collect(worker.makeSnapshotStream());
      expect(await collect(worker.makeSnapshotStream())).to.have.length(heap.length);
      await worker.kill();
      const loaded = start(
        (async function* () {
          for (let at = 0; at < heap.length; at += 10_000) yield heap.subarray(at, at + 10_000);
        })(),
      );
      await loaded.isReady();
      await loaded.evaluate(`if (kept.length !== 1_000_000) throw Error('lost');`);
      await loaded.kill();
    });

    it('and a worker that has all of it is not ready until its source has ended', async () => {
      const writer = start();
      const heap = await collect(writer.makeSnapshotStream());
      await writer.kill();
      let judge: (verdict: Error | undefined) => void = () => undefined;
      const verdict = new Promise<Error | undefined>(resolve => (judge = resolve));
      const judged = start(
        (async function* () {
          yield heap;
          const error = await verdict;
          if (error) throw error;
        })(),
      );
      let isReady = false;
      const ready = judged.isReady().then(() => (isReady = true));
      // Another one that starts later has long been ready by then.
      const other = start(streamOf([heap]));
      await other.isReady();
      await other.kill();
      expect(isReady).to.equal(false);
      judge(Error('these are not the bytes'));
      expect(String(await failureOf(ready))).to.include('these are not the bytes');
      expect(await judged.ended).to.deep.equal({ kind: 'signal', signal: 'SIGKILL' });
    });

    it('which is refused if the worker is ended meanwhile', async () => {
      const worker = start();
      // Far more than pipes and streams hold.
      await worker.evaluate(`globalThis.kept = 'x'.repeat(30_000_000);`);
      const reading = (async () => {
        for await (const chunk of worker.makeSnapshotStream()) {
          expect(chunk.length).to.be.greaterThan(0);
          void worker.kill();
        }
      })();
      expect(await failureOf(reading)).to.be.instanceOf(Error);
    });

    describe('which is refused if fewer bytes come than the worker says', () => {
      // A real worker, whose heap goes elsewhere.
      const startElsewhere = (seconds: number): XsnapProcess => {
        const powers = makeNodeWorkerPowers(seconds);
        const elsewhere = openSync('/dev/null', 'w');
        const spawn = ((command: string, args: string[], options: { stdio: unknown[] }) => {
          const stdio = options.stdio.map((each, fd) => (fd === HEAP_OUT ? elsewhere : each));
          const child = powers.spawn(command, args, { ...options, stdio } as SpawnOptions);
          const heapOut = new PassThrough();
          child.once('exit', () => {
            closeSync(elsewhere);
            heapOut.destroy();
          });
          (child.stdio as unknown[])[HEAP_OUT] = heapOut;
          return child;
        }) as typeof powers.spawn;
        return startXsnapProcess({
          powers: { ...powers, spawn },
          name: 'v5:liar',
          meteringLimit: 0,
        });
      };

      const isBusy = (worker: XsnapProcess): Promise<boolean> =>
        worker.evaluate('').then(
          () => false,
          () => true,
        );

      it('and it is silent', async () => {
        const worker = startElsewhere(1);
        const error = await failureOf(collect(worker.makeSnapshotStream()));
        expect(error).to.be.instanceOf(WorkerProtocolError);
        expect(String(error)).to.match(/[0-9]{6,} bytes of heap came as 0/);
        await worker.kill();
      });

      it('and it ends', async () => {
        const worker = startElsewhere(0);
        const failure = failureOf(collect(worker.makeSnapshotStream()));
        // It is busy until it has said that its heap is written.
        while (await isBusy(worker)) await turn();
        await worker.kill();
        expect(await failure).to.be.instanceOf(WorkerProtocolError);
      });
    });

    it('while a worker that is ended as it loads one is no failure of the heap’s source', async () => {
      const loading = start(
        (async function* () {
          for (;;) yield new Uint8Array(100_000);
        })(),
      );
      await loading.kill();
      expect(String(await failureOf(loading.isReady()))).to.include(
        'v5:heap ended: signal SIGKILL',
      );
      expect(loading.ownFailure()).to.equal(undefined);
    });

    it('and a worker whose heap ends early, or fails to be read, says so', async () => {
      const maker = start();
      await maker.evaluate('1');
      const heap = await collect(maker.makeSnapshotStream());
      await maker.kill();
      const cut = start(
        (async function* () {
          yield heap.subarray(0, heap.length / 2);
        })(),
      );
      expect(String(await failureOf(cut.isReady()))).to.match(/v5:heap ended: (exit code|signal)/);
      expect(cut.ownFailure()).to.equal(undefined);
      const broken = start(
        // eslint-disable-next-line require-yield -- it fails before it has anything
        (async function* () {
          throw Error('the store is gone');
        })(),
      );
      expect(String(await failureOf(broken.isReady()))).to.equal('Error: the store is gone');
      expect(await broken.ended).to.deep.equal({ kind: 'signal', signal: 'SIGKILL' });
      expect(broken.ownFailure()?.error).to.be.instanceOf(Error);
    });
  });
});
