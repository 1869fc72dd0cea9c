/** The option `signal` of a boot. What it does to a run is in `spec/host` and `spec/cli`. */
import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import type { SwingsetRuntimeOptions } from '../../lib/controller/option-types.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { failureOf } from '../support/failure.js';
import { sourceOf, startLife } from '../support/swingset.js';

const config = {
  bootstrap: 'bootstrap',
  vats: {
    bootstrap: { sourceSpec: sourceOf(import.meta.url, 'fixtures/bootstrap.js') },
    counter: { sourceSpec: sourceOf(import.meta.url, 'fixtures/counter.js') },
  },
};

/** Aborts at some moment of the boot that gets the options. */
type Moment = (abort: () => void) => SwingsetRuntimeOptions;

/** When the slog gets so many entries of a type. */
const atEntry =
  (type: string, which = 1): Moment =>
  abort => {
    let count = 0;
    const slogSender = (entry: SlogEntry): void => {
      count += entry.type === type ? 1 : 0;
      if (count === which) abort();
    };
    return { slogSender };
  };

const VATS = 3;

const moments: Readonly<Record<string, Moment>> = {
  'before anything was started': abort => {
    void turn().then(abort);
    return {};
  },
  'while the first vat comes online': atEntry('vat-startup-start'),
  'while a vat replays its transcript': atEntry('start-replay'),
  'when the last vat is online': atEntry('vat-startup-finish', VATS),
};

for (const worker of ['xsnap', 'local'] as const) {
  describe(`a boot whose signal aborts, with ${worker} vats`, () => {
    let started: ChildProcess[];
    const spawn = ((...args: Parameters<typeof nodeSpawn>) => {
      const child = nodeSpawn(...args);
      started.push(child);
      return child;
    }) as typeof nodeSpawn;

    const bootUntil = async (kernelStorage: KernelStorage, moment: Moment): Promise<unknown> => {
      const stop = new AbortController();
      const reason = Error('the host is told to stop');
      const options = moment(() => stop.abort(reason));
      const failure = await failureOf(
        makeSwingsetController(kernelStorage, {}, { spawn, signal: stop.signal, ...options }),
      );
      return failure === reason ? 'the reason' : failure;
    };

    beforeEach(() => {
      started = [];
    });

    it('rejects with the reason, whenever it comes, and leaves no worker', async () => {
      const life = await startLife({ config, worker, checkAtEnd: false });
      await life.run();
      await life.controller.shutdown();
      const outcomes: Record<string, unknown> = {};
      for (const [name, moment] of Object.entries(moments)) {
        outcomes[name] = await bootUntil(life.kernelStorage, moment);
        const left = started.filter(
          ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
        );
        expect(left, name).to.have.length(0);
      }
      const expected = Object.keys(moments).map(name => [name, 'the reason']);
      expect(outcomes).to.deep.equal(Object.fromEntries(expected));
    });
  });
}
