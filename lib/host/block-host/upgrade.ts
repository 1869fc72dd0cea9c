/** What an upgrade's block does before anything else. */
import type { PlatformRestartReport } from '../../platform-epoch/types.js';
import type { UpgradePlan } from '../transactions/action-types.js';
import type { BlockEffects } from './block-effects.js';
import { withDefaults } from './params.js';
import { appVersion, params as paramsRow } from './tables/chain.js';
import type { DroppedRule } from './plan-rules.js';
import { plan as planRow } from './tables/plan.js';
import type { BlockEvent } from './types.js';

const event = (type: string, attributes: Readonly<Record<string, string>>): BlockEvent => ({
  type,
  attributes: Object.entries(attributes),
});

const count = ({ vats }: PlatformRestartReport, result: string): string =>
  String(vats.filter(each => each.result === result).length);

/**
 * Drops the plan, changes the parameters, and counts the version up.
 * @returns the new version
 */
export const finishUpgrade = (
  { rows, events }: BlockEffects,
  plan: UpgradePlan,
  report: PlatformRestartReport | undefined,
): number => {
  planRow.delete(rows);
  paramsRow.write(rows, withDefaults({ ...paramsRow.require(rows), ...plan.params }));
  const version = appVersion.require(rows) + 1;
  appVersion.write(rows, version);
  if (report) {
    events.push(
      event('swingset_upgrade', {
        name: plan.name,
        mode: report.mode,
        restarted: count(report, 'restarted'),
        suspended: count(report, 'suspended'),
        terminated: count(report, 'terminated'),
        exempt: count(report, 'exempt'),
      }),
      ...report.vats
        .filter(({ result, error }) => result === 'suspended' && error !== undefined)
        .map(({ vatID, name = '', error = '' }) =>
          event('swingset_vat_suspended', { vat_id: vatID, name, error }),
        ),
    );
  }
  return version;
};

/** A rule of the plan no longer fits, so vats restart without it. */
export const noteDroppedRule = (
  { events }: BlockEffects,
  { name }: UpgradePlan,
  { target, problem }: DroppedRule,
): void => {
  events.push(event('swingset_rule_dropped', { upgrade: name, target, problem }));
};

/** The operators of this node have chosen to go on without the upgrade. */
export const skipUpgrade = ({ rows, events }: BlockEffects, { name }: UpgradePlan): void => {
  planRow.delete(rows);
  events.push(event('swingset_upgrade_skipped', { name }));
};
