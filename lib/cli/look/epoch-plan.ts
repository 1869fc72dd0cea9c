/** `swingset-kernel epoch plan`: what a boot with an epoch would do. */
import { lookAtStore } from '../../host/look-at-store.js';
import { planEpochBoot } from '../../host/plan-epoch.js';
import type { AcceptedPlan, EpochPlan, PlannedRestart } from '../../host/plan-epoch.js';
import type { PlannedVat } from '../../platform-epoch/plan-turns.js';
import { describeQueued } from '../../platform-epoch/report-words.js';
import { printable } from '../../printable.js';
import { inFlags } from '../flag-words.js';
import { loadRestartOptions } from '../restart-args.js';
import { fitTable, shortenName } from '../table.js';
import type { EpochPlanArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

const ACTIONS: Readonly<Record<PlannedVat['action'], string>> = {
  exempt: 'keeps its incarnation (exempt)',
  unstarted: 'has yet to start, then on the new platform',
  restarts: 'starts afresh',
  sleeps: 'starts afresh with its next delivery',
  held: 'stays suspended, on request',
  fails: "can't start: it has no parameters",
};

const FATES: Readonly<Record<PlannedVat['fate'], string>> = {
  suspend: 'is suspended',
  terminate: 'is terminated',
  panic: 'stops the boot',
};

const headings = [
  ...['vat', 'name', 'kind', 'incarnation', 'the boot', 'parameters', 'if it fails'],
  ...['queued', 'waiting'],
];

const GIVES_WAY = ['kind', 'parameters', 'incarnation', 'waiting', 'queued', 'if it fails', 'name'];

/** Vats that are not started have nothing to fail at. */
const isTried = ({ action }: PlannedVat): boolean =>
  action === 'restarts' || action === 'sleeps' || action === 'fails';

const vatTable = ({ vats }: PlannedRestart, width: number | undefined): string =>
  fitTable(
    headings,
    vats.map(vat => [
      vat.vatID,
      shortenName(vat.name),
      vat.isStatic ? 'static' : 'dynamic',
      vat.incarnation,
      ACTIONS[vat.action],
      isTried(vat) ? vat.parameters : undefined,
      isTried(vat) ? FATES[vat.fate] : undefined,
      vat.queued,
      vat.waiting,
    ]),
    { width, givesWay: GIVES_WAY },
  );

const decisionText = ({ decision, from, to, restart }: AcceptedPlan): string => {
  switch (decision) {
    case 'none':
      return 'no platform epoch given: vats continue where they are';
    case 'current':
      return `platform epoch ${to} is the store's own: nothing restarts`;
    case 'baseline':
      return `platform epoch ${to} is the first one, and no vat has run: nothing restarts`;
    case 'advance':
      return `platform epoch ${from ?? 'none yet'} -> ${to}: a restart, mode ${restart?.options.mode}`;
    case 'resume':
      return (
        `platform epoch ${to} is unfinished: its restart goes on, mode ${restart?.options.mode}; ` +
        `${restart?.doneBefore} vats are done`
      );
    default:
      return decision satisfies never;
  }
};

const restartLines = (
  { decision, restart }: AcceptedPlan,
  width: number | undefined,
): readonly string[] => {
  if (!restart) return [];
  const lost =
    decision === 'advance' && restart.queuedEvents > 0
      ? [
          `The restart would begin with ${describeQueued(restart)}. Objects and promises in them ` +
            'that live in RAM are lost',
        ]
      : [];
  const counts = new Map<string, number>();
  for (const { action } of restart.vats) counts.set(action, (counts.get(action) ?? 0) + 1);
  const listed = [...counts].map(([action, count]) => `${count} ${action}`);
  return [
    ...(restart.vats.length > 0 ? ['', vatTable(restart, width), ''] : []),
    `${restart.vats.length} vats: ${listed.join(', ') || 'none is left'}`,
    ...lost,
  ];
};

const planText = (plan: EpochPlan, width: number | undefined): string => {
  if (plan.decision === 'refused') return printable(`refused: ${inFlags(plan.reason)}`);
  const { changes, warnings } = plan;
  return [
    decisionText(plan),
    ...changes.map(({ part, stored, running }) => `${part}: ${stored} -> ${running}`),
    ...restartLines(plan, width),
    ...warnings.map(warning => `warning: ${printable(inFlags(warning))}`),
  ].join('\n');
};

export const epochPlanCommand = async (args: EpochPlanArgs, io: LookIO): Promise<void> => {
  const { home, json, epoch, platformEpochKindChange, platform } = args;
  const restart = loadRestartOptions(args);
  const found = await lookAtStore(home, ({ kernelStorage }) =>
    planEpochBoot(kernelStorage, {
      platformEpoch: epoch,
      platformEpochKindChange,
      platformRestart: restart.options,
      ...platform,
    }),
  );
  const plan: EpochPlan =
    found.decision === 'refused'
      ? found
      : { ...found, warnings: [...found.warnings, ...restart.warnings()] };
  io.print(json ? JSON.stringify(plan, null, 2) : planText(plan, io.columns));
  const fails =
    plan.decision === 'refused' || plan.restart?.vats.some(({ action }) => action === 'fails');
  if (fails) io.fail();
};
