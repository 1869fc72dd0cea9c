/** One host, or several to which the same is done. The model follows the first. */
import { Host, type HostOptions } from './host.js';

export class Fleet {
  readonly lead: Host;

  /** They differ from the lead in how they restart. */
  readonly followers: readonly Host[];

  private constructor(lead: Host, followers: readonly Host[]) {
    this.lead = lead;
    this.followers = followers;
  }

  static async start(lead: HostOptions, followers: readonly HostOptions[] = []): Promise<Fleet> {
    const hosts: Host[] = [];
    for (const options of [lead, ...followers]) hosts.push(await Host.start(options));
    const [first, ...others] = hosts;
    return new Fleet(first!, others);
  }

  /** In turn, so that hosts in one process don't disturb each other's collections of garbage. */
  async each(task: (host: Host) => unknown): Promise<void> {
    for (const host of [this.lead, ...this.followers]) await task(host);
  }

  async stop(): Promise<void> {
    await this.each(host => host.stop());
  }
}
