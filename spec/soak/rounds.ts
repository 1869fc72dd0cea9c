/**
 * Rounds of random operations on a fleet of hosts. Each runs to the end and is compared with the
 * model, with reboots, crashes, platform epochs and reaps between and during them.
 */
import type { PlatformRestartMode } from '../../lib/types/platform-epoch.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import { checkClists, checkFlags, checkReport, checkRows, requestReport } from './checks.js';
import { Dispatcher } from './dispatcher.js';
import type { Fleet } from './fleet.js';
import { Model, type VatModel } from './model.js';
import { bringingBack, clearingOut, lettingGo } from './operations/letting-go.js';
import { lifeProposals, tally } from './operations/lives.js';
import { objectProposals } from './operations/objects.js';
import { post } from './operations/post.js';
import { promiseProposals } from './operations/promises.js';
import { expectEqual, SoakFailure, type Operation, type Proposal } from './operation.js';
import { policyOf, type Budgets } from './policies.js';
import { makeRandom, type Random } from '../support/random.js';

export interface RoundsOptions {
  readonly seed: number;
  /** The limit on live players. Default 8. */
  readonly vats?: number;
  /** What most players run on. Default `xsnap`. */
  readonly worker?: ManagerType;
  /** How many rounds in a hundred begin a platform epoch, before or amid the operations. Default 5. */
  readonly epochs?: number;
  /** How often letters are posted, where all other operations together have about 130. Default 6. */
  readonly letters?: number;
}

interface Restart {
  readonly mode: PlatformRestartMode;
  readonly exempt: readonly string[];
}

const MODES: readonly PlatformRestartMode[] = ['eager', 'lazy', 'rolling'];

/** Of the epochs, those amid the operations of a round. */
const AMID_PERCENT = 40;

const others = [...objectProposals, ...promiseProposals, ...lifeProposals];

const makePicker = (letters: number) => {
  const proposals: readonly (readonly [number, Proposal])[] = [...others, [letters, post]];
  const totalWeight = proposals.reduce((sum, [weight]) => sum + weight, 0);
  return (random: Random): Proposal => {
    let at = (random.below(10_000) / 10_000) * totalWeight;
    for (const [weight, proposal] of proposals) {
      at -= weight;
      if (at < 0) return proposal;
    }
    return tally;
  };
};

export class Rounds {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #dispatcher: Dispatcher;
  readonly #pick: (random: Random) => Proposal;
  readonly #epochs: number;
  readonly model: Model;
  rounds = 0;

  constructor(fleet: Fleet, options: RoundsOptions) {
    const { seed, vats = 8, worker = 'xsnap', epochs = 5, letters = 6 } = options;
    this.#fleet = fleet;
    this.#epochs = epochs;
    this.model = new Model({ maxVats: vats, worker });
    this.#random = makeRandom(seed);
    this.#dispatcher = new Dispatcher(fleet, this.model);
    this.#pick = makePicker(letters);
  }

  /** How often each operation was done. */
  get counts(): ReadonlyMap<string, number> {
    return new Map([...this.#dispatcher.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async start(): Promise<void> {
    await this.#settle();
  }

  round(): Promise<void> {
    this.rounds += 1;
    return this.#explained(() => this.#round(this.#random.below(100)));
  }

  /** A round that begins a platform epoch. */
  epoch(): Promise<void> {
    this.rounds += 1;
    return this.#explained(() => this.#round(0));
  }

  /** Resumes all vats and drops everything. Nothing may be left behind. */
  letGo(): Promise<void> {
    return this.#explained(async () => {
      await this.#doAll(lettingGo(this.model));
      await this.#reap();
      await this.#askForReports(this.#awake());
      checkRows(this.#fleet.lead, this.model);
    });
  }

  /** Ends all players as well. Only the driver is left. */
  async clearOut(): Promise<void> {
    await this.letGo();
    await this.#explained(async () => {
      await this.#doAll(clearingOut(this.model));
      await this.#reap();
      this.model.forgetAll();
      await this.#fleet.each(host => host.commit());
    });
  }

  /** Starts all vats, those that are down by an upgrade, and brings their garbage out. */
  wakeAll(): Promise<void> {
    return this.#explained(async () => {
      await this.#doAll(bringingBack(this.model));
      await this.#askForReports([...this.model.vats.values()]);
      await this.#reap();
    });
  }

  /** Adds what happened before to a failure. */
  async #explained(task: () => Promise<void>): Promise<void> {
    const { recent } = this.#dispatcher;
    recent.length = 0;
    try {
      await task();
    } catch (error) {
      const what = `round ${this.rounds}, crank ${this.#fleet.lead.crankNumber}: ${String(error)}`;
      throw new SoakFailure(`${what}\nafter:\n${recent.join('\n')}`, { cause: error });
    }
  }

  async #round(hundredth: number): Promise<void> {
    const others = hundredth - this.#epochs;
    if (others < 0) {
      if (this.#random.chance(AMID_PERCENT)) await this.#restartInTheMidst();
      else await this.#restartAll();
    } else if (others < 1) await this.#changeKernel();
    else if (others < 3) await this.#rebootInTheMidst();
    else if (others < 5) await this.#crashAndDoAgain();
    else this.#dispatcher.apply(await this.#attempt(this.#someOperations(), this.#somePauses()));
    await this.#fleet.each(host => host.commit());
    await this.#fleet.each(host => host.checkTables());
    if (this.#random.chance(25)) await this.#askForReports(this.#someVats());
    if (this.#random.chance(8)) await this.#reap();
  }

  #someOperations(): Operation[] {
    const propose = () => this.#pick(this.#random)(this.model, this.#random);
    return this.#dispatcher.gather(this.#random, 24, propose);
  }

  /** Cranks after which the host interrupts the run. */
  #somePauses(): number[] {
    const pauses = this.#random.below(3);
    return Array.from({ length: pauses }, () => 1 + this.#random.below(30));
  }

  #someBudgets(): Budgets {
    return {
      cranks: Infinity,
      cleanup: { default: this.#random.chance(50) ? 5 + this.#random.below(200) : Infinity },
      restarts: this.#random.below(4),
    };
  }

  async #run(budgets: Budgets): Promise<void> {
    await this.#fleet.each(host => host.run(policyOf(budgets)));
  }

  /** Works everything off. A vat that sleeps may start at the end. */
  async #settle(): Promise<void> {
    await this.#fleet.each(host => host.run());
    checkFlags(this.#fleet.lead, this.model);
  }

  /** Works everything off, and lets vats sleep. */
  async #settleGently(): Promise<void> {
    await this.#run({ cranks: Infinity, cleanup: { default: Infinity }, restarts: 0 });
    checkFlags(this.#fleet.lead, this.model);
  }

  async #attempt(
    operations: readonly Operation[],
    pauses: readonly number[],
    inPause: () => Promise<void> = async () => {},
    budgets = this.#someBudgets(),
  ) {
    const sent = await this.#dispatcher.send(operations);
    for (const cranks of pauses) {
      // Nothing sleeps less after a pause than the operations assume.
      await this.#run({ ...budgets, cranks, restarts: 0 });
      await inPause();
    }
    await this.#run(budgets);
    return this.#dispatcher.readAnswers(sent);
  }

  async #doAll(batches: Iterable<readonly Operation[]>): Promise<void> {
    for (const operations of batches) {
      this.#dispatcher.apply(await this.#attempt(operations, []));
    }
  }

  async #rebootInTheMidst(): Promise<void> {
    this.#dispatcher.note('reboot in the midst');
    const pauses = [1 + this.#random.below(40)];
    const reboot = () => this.#fleet.each(host => host.reboot());
    this.#dispatcher.apply(await this.#attempt(this.#someOperations(), pauses, reboot));
  }

  async #crashAndDoAgain(): Promise<void> {
    this.#dispatcher.note('crash and do it again');
    const operations = this.#someOperations();
    const pauses = this.#somePauses();
    const budgets = this.#someBudgets();
    const attempt = () => this.#attempt(operations, pauses, undefined, budgets);
    const { lead } = this.#fleet;
    await this.#fleet.each(host => host.commit());
    const first = await attempt();
    const hash = lead.controller.getActivityhash();
    await this.#fleet.each(host => host.crash());
    const second = await attempt();
    expectEqual('activityhash after a crash', lead.controller.getActivityhash(), hash);
    expectEqual('answers after a crash', second.length, first.length);
    this.#dispatcher.apply(second);
  }

  #someRestart(): Restart {
    const names = ['driver', ...this.model.vats.keys()];
    const exempt = this.#random.chance(50) ? [] : names.filter(() => this.#random.chance(30));
    const mode = this.#random.pick(MODES) ?? 'eager';
    return { mode: this.#fleet.lead.mode ?? mode, exempt };
  }

  async #restart({ mode, exempt }: Restart): Promise<void> {
    const platformEpoch = this.model.epoch + 1;
    const platformRestart = { mode, exempt };
    await this.#fleet.each(host => host.reboot({ platformEpoch, platformRestart }));
    this.model.restartAll(mode, new Set(exempt));
  }

  async #restartAll(): Promise<void> {
    const restart = this.#someRestart();
    this.#dispatcher.note(`platform epoch, ${restart.mode}`);
    await this.#restart(restart);
    await this.#settle();
  }

  /** Messages that are under way when all vats restart are handled once, before or after it. */
  async #restartInTheMidst(): Promise<void> {
    const restart = this.#someRestart();
    this.#dispatcher.note(`platform epoch in the midst, ${restart.mode}`);
    const operations = this.#dispatcher.gather(this.#random, 20, () =>
      (this.#random.chance(50) ? tally : post)(this.model, this.#random),
    );
    const answers = await this.#attempt(operations, [1 + this.#random.below(60)], async () => {
      // Some messages may have started sleeping vats.
      checkFlags(this.#fleet.lead, this.model);
      await this.#restart(restart);
    });
    this.#dispatcher.apply(answers, { unheard: true });
  }

  async #changeKernel(): Promise<void> {
    if (this.#random.chance(50)) {
      this.#dispatcher.note('snapshot all vats');
      await this.#fleet.each(host => host.controller.snapshotAllVats());
    } else {
      this.#dispatcher.note('change kernel options');
      const snapshotInterval = 100 + this.#random.below(200);
      const defaultReapInterval = this.model.deliveriesPerReap * (10 + this.#random.below(100));
      await this.#fleet.each(({ controller }) =>
        controller.changeKernelOptions({ snapshotInterval, defaultReapInterval }),
      );
    }
    await this.#settle();
  }

  /** Vats whose reports change nothing about them. */
  #awake(): VatModel[] {
    return [...this.model.vats.values()].filter(vat => !vat.isDown && !vat.suspended);
  }

  /** Some may sleep yet. */
  #someVats(): VatModel[] {
    return [...this.model.vats.values()].filter(vat => !vat.isDown && this.#random.chance(40));
  }

  async #askForReports(vats: readonly VatModel[]): Promise<void> {
    const asked = vats.map(vat => {
      this.model.reach(vat);
      for (const host of this.#fleet.followers) host.ignore(requestReport(host, vat));
      return [vat, requestReport(this.#fleet.lead, vat)] as const;
    });
    await this.#settleGently();
    for (const [vat, kpid] of asked) {
      checkReport(this.model, vat, this.#fleet.lead.answerOf(kpid));
    }
    this.#dispatcher.note('reports');
  }

  async #reap(): Promise<void> {
    this.#dispatcher.note('reap all vats');
    // They know how many answers to letters are due.
    await this.#askForReports(this.#awake());
    // A drop by one vat may let another drop something next.
    for (let times = 0; times < 3; times += 1) {
      await this.#fleet.each(({ controller }) => controller.reapAllVats());
      await this.#settleGently();
    }
    const { lead } = this.#fleet;
    await this.#fleet.each(host => host.checkTables());
    checkClists(lead, this.model, this.#dispatcher.labelsThatWait());
  }
}
