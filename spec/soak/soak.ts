/**
 * Many random cranks: rounds of operations on a swingset, each run to the end and compared with a
 * model, with reboots, crashes, platform epochs and reaps between and during them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CleanupBudget, RunPolicy } from '../../lib/types/policies.js';
import { checkClists, checkFlags, checkReport, checkRows, requestReport } from './checks.js';
import { Dispatcher } from './dispatcher.js';
import { Host, type Machine } from './host.js';
import { Model } from './model.js';
import { lettingGo } from './operations/letting-go.js';
import { lifeProposals, tally } from './operations/lives.js';
import { objectProposals } from './operations/objects.js';
import { promiseProposals } from './operations/promises.js';
import { expectEqual, SoakFailure, type Operation, type Proposal } from './operation.js';
import { makeRandom, type Random } from '../support/random.js';

export interface SoakOptions {
  readonly seed: number;
  /** Number of cranks. The run ends with the round that reaches it. */
  readonly cranks: number;
  /** The limit on live players. Default 8. */
  readonly vats?: number;
  readonly machine?: Machine;
  readonly onRound?: (state: { readonly cranks: number; readonly vats: number }) => void;
}

export interface SoakResult {
  readonly activityhash: string;
  readonly cranks: number;
  readonly rounds: number;
  /** How often each operation was done. */
  readonly counts: ReadonlyMap<string, number>;
}

const proposals = [...objectProposals, ...promiseProposals, ...lifeProposals];
const totalWeight = proposals.reduce((sum, [weight]) => sum + weight, 0);

const pickProposal = (random: Random): Proposal => {
  let at = (random.below(10_000) / 10_000) * totalWeight;
  for (const [weight, proposal] of proposals) {
    at -= weight;
    if (at < 0) return proposal;
  }
  return tally;
};

const policyOf = (cranks: number, budget: CleanupBudget): RunPolicy => {
  let left = cranks;
  const goOn = () => {
    left -= 1;
    return left > 0;
  };
  return {
    vatCreated: goOn,
    crankComplete: goOn,
    crankFailed: goOn,
    emptyCrank: goOn,
    didCleanup: goOn,
    allowCleanup: () => budget,
  };
};

class Soak {
  readonly #host: Host;
  readonly #random: Random;
  readonly #model: Model;
  readonly #dispatcher: Dispatcher;
  readonly #onRound: SoakOptions['onRound'];
  #rounds = 0;

  constructor(host: Host, { seed, vats = 8, onRound }: SoakOptions) {
    this.#host = host;
    this.#model = new Model(vats);
    this.#random = makeRandom(seed);
    this.#dispatcher = new Dispatcher(host, this.#model);
    this.#onRound = onRound;
  }

  async run(cranks: number): Promise<SoakResult> {
    const { counts } = this.#dispatcher;
    await this.#host.controller.run();
    while (this.#host.crankNumber < cranks) {
      this.#rounds += 1;
      await this.#explained(() => this.#round());
      this.#onRound?.({ cranks: this.#host.crankNumber, vats: this.#model.vats.size });
    }
    await this.#explained(() => this.#letGo());
    return {
      activityhash: this.#host.controller.getActivityhash(),
      cranks: this.#host.crankNumber,
      rounds: this.#rounds,
      counts: new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  /** Adds what happened before to a failure. */
  async #explained(task: () => Promise<void>): Promise<void> {
    const { recent } = this.#dispatcher;
    recent.length = 0;
    try {
      await task();
    } catch (error) {
      const what = `round ${this.#rounds}, crank ${this.#host.crankNumber}: ${String(error)}`;
      throw new SoakFailure(`${what}\nafter:\n${recent.join('\n')}`, { cause: error });
    }
  }

  async #round(): Promise<void> {
    const hundredth = this.#random.below(100);
    if (hundredth < 3) await this.#restartAll();
    else if (hundredth < 5) await this.#restartInTheMidst();
    else if (hundredth < 6) await this.#changeKernel();
    else if (hundredth < 8) await this.#rebootInTheMidst();
    else if (hundredth < 10) await this.#crashAndDoAgain();
    else this.#dispatcher.apply(await this.#attempt(this.#someOperations(), this.#somePauses()));
    await this.#host.commit();
    this.#host.checkTables();
    if (this.#random.chance(25)) await this.#askForReports();
    if (this.#random.chance(8)) await this.#reap();
  }

  #someOperations(): Operation[] {
    const propose = () => pickProposal(this.#random)(this.#model, this.#random);
    return this.#dispatcher.gather(this.#random, 24, propose);
  }

  /** Cranks after which the host interrupts the run. */
  #somePauses(): number[] {
    const pauses = this.#random.below(3);
    return Array.from({ length: pauses }, () => 1 + this.#random.below(30));
  }

  #someBudget(): CleanupBudget {
    return { default: this.#random.chance(50) ? 5 + this.#random.below(200) : Infinity };
  }

  async #attempt(
    operations: readonly Operation[],
    pauses: readonly number[],
    inPause: () => Promise<void> = async () => {},
    budget = this.#someBudget(),
  ) {
    const sent = await this.#dispatcher.send(operations);
    for (const cranks of pauses) {
      await this.#host.controller.run(policyOf(cranks, budget));
      await inPause();
    }
    await this.#host.controller.run(policyOf(Infinity, budget));
    return this.#dispatcher.readAnswers(sent);
  }

  async #rebootInTheMidst(): Promise<void> {
    this.#dispatcher.note('reboot in the midst');
    const pauses = [1 + this.#random.below(40)];
    const reboot = () => this.#host.reboot();
    this.#dispatcher.apply(await this.#attempt(this.#someOperations(), pauses, reboot));
  }

  async #crashAndDoAgain(): Promise<void> {
    this.#dispatcher.note('crash and do it again');
    const operations = this.#someOperations();
    const pauses = this.#somePauses();
    const budget = this.#someBudget();
    const attempt = () => this.#attempt(operations, pauses, undefined, budget);
    await this.#host.commit();
    const first = await attempt();
    const hash = this.#host.controller.getActivityhash();
    await this.#host.crash();
    const second = await attempt();
    expectEqual('activityhash after a crash', this.#host.controller.getActivityhash(), hash);
    expectEqual('answers after a crash', second.length, first.length);
    this.#dispatcher.apply(second);
  }

  #someRestart() {
    const names = ['driver', ...this.#model.vats.keys()];
    const exempt = this.#random.chance(50) ? [] : names.filter(() => this.#random.chance(30));
    const mode = this.#random.chance(50) ? 'lazy' : 'eager';
    return { mode, exempt } as const;
  }

  async #restartAll(): Promise<void> {
    const { mode, exempt } = this.#someRestart();
    this.#dispatcher.note(`platform epoch, ${mode}`);
    await this.#host.reboot({
      platformEpoch: this.#model.epoch + 1,
      platformRestart: { mode, exempt },
    });
    this.#model.restartAll(mode, new Set(exempt));
    await this.#host.controller.run();
    checkFlags(this.#host, this.#model);
  }

  /** Messages that are under way when all vats restart are handled once, before or after it. */
  async #restartInTheMidst(): Promise<void> {
    const { mode, exempt } = this.#someRestart();
    this.#dispatcher.note(`platform epoch in the midst, ${mode}`);
    const operations = this.#dispatcher.gather(this.#random, 20, () =>
      tally(this.#model, this.#random),
    );
    const answers = await this.#attempt(operations, [1 + this.#random.below(60)], async () => {
      // Some messages may have started sleeping vats.
      checkFlags(this.#host, this.#model);
      await this.#host.reboot({
        platformEpoch: this.#model.epoch + 1,
        platformRestart: { mode, exempt },
      });
      this.#model.restartAll(mode, new Set(exempt));
    });
    this.#dispatcher.apply(answers, { unheard: true });
  }

  async #changeKernel(): Promise<void> {
    if (this.#random.chance(50)) {
      this.#dispatcher.note('snapshot all vats');
      await this.#host.controller.snapshotAllVats();
    } else {
      this.#dispatcher.note('change kernel options');
      const { controller } = this.#host;
      controller.changeKernelOptions({
        snapshotInterval: 100 + this.#random.below(200),
        defaultReapInterval: 10 + this.#random.below(100),
      });
    }
    await this.#host.controller.run();
    checkFlags(this.#host, this.#model);
  }

  async #askForReports(): Promise<void> {
    const vats = [...this.#model.vats.values()].filter(
      vat => !vat.isDown && this.#random.chance(40),
    );
    const asked = vats.map(vat => {
      this.#model.reach(vat);
      return [vat, requestReport(this.#host, this.#model, vat)] as const;
    });
    await this.#host.controller.run();
    for (const [vat, kpid] of asked) checkReport(vat, this.#host.answerOf(kpid));
    this.#dispatcher.note('reports');
  }

  async #reap(): Promise<void> {
    this.#dispatcher.note('reap all vats');
    // A drop by one vat may let another drop something next.
    for (let times = 0; times < 3; times += 1) {
      this.#host.controller.reapAllVats();
      await this.#host.controller.run();
    }
    checkFlags(this.#host, this.#model);
    this.#host.checkTables();
    checkClists(this.#host, this.#model, this.#dispatcher.labelsThatWait());
  }

  /** Resumes all vats and drops everything. Nothing may be left behind. */
  async #letGo(): Promise<void> {
    for (const operations of lettingGo(this.#model)) {
      this.#dispatcher.apply(await this.#attempt(operations, []));
    }
    await this.#reap();
    await this.#askForReports();
    checkRows(this.#host, this.#model);
  }
}

/** @throws SoakFailure as soon as the kernel does what the model does not expect. */
export const soak = async (options: SoakOptions): Promise<SoakResult> => {
  const directory = mkdtempSync(path.join(tmpdir(), 'swingset-soak-'));
  const host = await Host.start(directory, options.machine ?? {});
  try {
    return await new Soak(host, options).run(options.cranks);
  } finally {
    await host.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};
