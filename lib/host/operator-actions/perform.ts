/**
 * Performs an operator's action between two cranks, once it makes sense (issue 17, section 2).
 *
 * Boundary: changes the kernel through the controller alone, and reads its tables as of the last
 * commit. Runs no queued work and commits nothing. The solo server does that in a block, and
 * `store-operator.ts` without a server.
 *
 * Invariant: what throws here has changed nothing, but for a vat that could not start: `resume`
 * records its error.
 */
import { jsonCopy } from '../../controller/json-copy.js';
import type { SwingsetController } from '../../controller/types.js';
import { BadOptionError } from '../../errors.js';
import { VatStateError } from '../../kernel/delivery/errors.js';
import { kunser, makeErrorData } from '../../kernel/delivery/kmarshal.js';
import { readParameterValue } from '../../kernel/facets/parameter-notation.js';
import { standingOf } from '../../kernel/vats/fate.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { DirectAction, TerminateAction, UpgradeAction } from './actions.js';

interface ActionPorts {
  readonly controller: SwingsetController;
  /** The kernel's tables as of the last commit, made anew. */
  readonly readKernel: () => KernelState;
}

const DEFAULT_REASON = 'terminated by the operator';

const insistLive = ({ vats }: KernelState, vatID: VatID): void => {
  if (!vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
};

/** A copy as vats see it. @throws BadOptionError for what is no data in the notation of parameters */
const readParameters = (parameters: unknown): unknown => {
  const copy = jsonCopy(parameters, 'parameters', ({ field, value, expected, message }) => {
    throw new BadOptionError(field, value, expected, message === undefined ? {} : { message });
  });
  try {
    return harden(readParameterValue(copy));
  } catch (cause) {
    const expected = 'JSON, with references as { "@kref": … } and bigints as { "@bigint": "12" }';
    throw new BadOptionError('parameters', parameters, expected, { cause });
  }
};

const optionsOf = ({
  parameters,
  message,
}: {
  readonly parameters?: unknown;
  readonly message?: string;
}) => ({
  ...(parameters !== undefined && { vatParameters: readParameters(parameters) }),
  ...(message !== undefined && { upgradeMessage: message }),
});

const suspend = async ({ controller, readKernel }: ActionPorts, vatID: VatID): Promise<void> => {
  const state = readKernel();
  insistLive(state, vatID);
  const service = state.services.get(vatID);
  // A vat that its adminNode suspended becomes the host's: no adminNode brings it back then.
  if (service.type === 'held' && service.by === 'host') {
    throw new VatStateError(vatID, `is suspended already, since crank ${service.sinceCrank}`);
  }
  await controller.suspendVat(vatID);
};

const resume = async ({ controller, readKernel }: ActionPorts, vatID: VatID): Promise<void> => {
  const state = readKernel();
  insistLive(state, vatID);
  if (state.services.isInService(vatID)) {
    throw new VatStateError(vatID, 'is in service: there is nothing to resume');
  }
  await controller.resumeVat(vatID);
};

const terminate = (
  { controller, readKernel }: ActionPorts,
  { vatID, reason = DEFAULT_REASON }: TerminateAction,
): void => {
  const state = readKernel();
  insistLive(state, vatID);
  const { critical, isVatAdmin } = standingOf(state, vatID);
  if (critical) throw new VatStateError(vatID, 'is critical: its end would stop the kernel');
  if (isVatAdmin) {
    throw new VatStateError(vatID, 'is vat-admin: without it nobody could make or upgrade vats');
  }
  controller.terminateVat(vatID, makeErrorData(reason));
};

/**
 * Performs an action, apart from an upgrade.
 *
 * @throws VatStateError when the vat's state does not allow it, BadOptionError for anything else
 */
export const performAction = async (ports: ActionPorts, action: DirectAction): Promise<void> => {
  switch (action.action) {
    case 'suspend':
      return suspend(ports, action.vatID);
    case 'resume':
      return resume(ports, action.vatID);
    case 'restart':
      await ports.controller.restartVat(action.vatID, optionsOf(action));
      return undefined;
    case 'terminate':
      return terminate(ports, action);
    case 'drop': {
      const { vatID, index, event } = action;
      return ports.controller.dropEvent({ ...(vatID && { vatID }), index, event });
    }
    default:
      return action satisfies never;
  }
};

/** The name of a static vat. @throws VatStateError for others, which vat-admin upgrades for vats only */
const staticNameOf = (state: KernelState, vatID: VatID): string => {
  insistLive(state, vatID);
  const name = state.vats.staticNames().find(each => state.vats.findByName(each) === vatID);
  if (name !== undefined) return name;
  throw new VatStateError(
    vatID,
    'is a dynamic vat: only who holds its adminNode can upgrade it, with ' +
      'E(adminNode).upgrade(bundleCap). restart and resume work for it',
  );
};

/**
 * Queues the upgrade of a static vat. Without parameters, it starts with those that it has retained.
 *
 * @returns the promise for vat-admin's answer
 * @throws VatStateError for a vat that is gone or dynamic, BadOptionError for a bundle that is not
 *   installed
 */
export const queueUpgrade = (
  { controller, readKernel }: ActionPorts,
  { vatID, bundleID, ...given }: UpgradeAction,
): string => {
  const state = readKernel();
  const name = staticNameOf(state, vatID);
  const retained = state.vats.getParameters(vatID);
  return controller.upgradeStaticVat(name, false, bundleID, {
    ...(retained && { vatParameters: kunser(retained) }),
    ...optionsOf(given),
  });
};
