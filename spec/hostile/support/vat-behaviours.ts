/**
 * What code of a vat can do, by name of the function in `../vats`, and what becomes of it: of the
 * message that makes it do so, and of a start in which it does.
 */
import type { ManagerType } from '../../../lib/types/vat-options.js';
import {
  dies,
  ends,
  fails,
  fulfilled,
  leaves,
  leavesAtStart,
  rejected,
  starts,
  unresolved,
  type Behaviour,
  type RunFate,
  type StartFate,
} from './fates.js';

export interface VatBehaviour extends Behaviour {
  /** Workers in which this is the fate. */
  readonly workers: readonly ManagerType[];
}

const COMPUTRONS = 'Compute meter exceeded';
const MEMORY = 'Allocate meter exceeded';
const STACK = 'Stack meter exceeded';
/** Of liveslots, which ends the vat. */
const CAPDATA = 'syscall capdata too large';
const UNRESOLVED = 'buildRootObject unresolved';

type Row = readonly [name: string, run?: RunFate | undefined, start?: StartFate, made?: StartFate];

/** An error that the code itself gets. At the start, nothing catches it. */
const throws = (name: string, reason: string): Row => [name, rejected(reason), fails(reason)];

/** Ends the worker or breaks a rule. */
const exceeds = (name: string, why: string): Row => [name, ends(why), fails(why)];

const harmless = (name: string, value: unknown): Row => [name, fulfilled(value), starts];

const anywhere: readonly Row[] = [
  harmless('nothing', 'nothing'),
  throws('throws', 'on purpose'),
  throws('throwsNothing', 'undefined'),
  ['throwsFunction', rejected('')],
  ['throwsGetter', rejected('')],
  ['throwsText', rejected(''), fails('has no text')],
  throws('throwsHuge', 'xxxxxxxxxx'),
  ['throwsTooHuge', ends(CAPDATA), fails('')],
  harmless('failsInNobodysPromise', 'nobody heard'),
  ['neverResolves', unresolved, fails(UNRESOLVED)],
  ['resolvesToItself', rejected(''), fails('')],
  ['exits', leaves('bye', undefined), leavesAtStart('bye')],
  ['exitsWithFailure', ends('told to'), fails('told to')],
  ['exitsTwice', ends('and again'), fails('and again')],
  exceeds('exitsHuge', CAPDATA),
  ['exitsLong', ends('too long to be told'), fails('')],
  ['exitsWithManyErrors', leaves('too long to be told', undefined), leavesAtStart('')],
  ['exitsDeep', ends(''), fails('')],
  ['exitsNaming', ends('named things that were undone'), fails('')],
  ['rootOfNothing', undefined, fails('not Far')],
  ['rootOfData', undefined, fails('not Far')],
  ['rootThatIsDurable', undefined, fails('ephemeral')],
  ['rootThatIsAPromise', undefined, fails(UNRESOLVED)],
  ['forgetsKind', undefined, fails('thing'), starts],
  harmless('sendsUnpassable', []),
  harmless('sendsGetters', []),
  ['sendsProxies', fulfilled(['proxy without traps'])],
  ['sendsLookalikes', fulfilled([])],
  harmless('sendsToStrings', []),
  ['sendsOddMethods', fulfilled(['constructor', 'toString'])],
  ['sendsTooDeep', ends('(depth)')],
  ['sendsTooLong', rejected(CAPDATA)],
  ['sendsLongMethod', ends('(method)')],
  ['sendsLongBigint', ends('')],
  ['sendsBrokenText', fulfilled(1)],
  ['resolvesRing', unresolved],
  harmless('prints', 'printed'),
  harmless('printsManyWords', 'printed'),
  harmless('reachesHost', []),
  harmless('importsModules', []),
  harmless('readsClock', []),
  harmless('pollutes', []),
  harmless('replacesGlobals', 'tried'),
  harmless('walksCallers', []),
  harmless('changesPowers', []),
  throws('storesHugeValue', CAPDATA),
  throws('storesImmenseValue', CAPDATA),
  throws('storesLongKey', 'key too large'),
  exceeds('storesTooMuch', 'syscalls and their results of more than'),
  harmless('storesOddKeys', []),
  harmless('storesEphemera', []),
  throws('definesKindTwice', 'redefinition'),
  ['leavesKind', fulfilled('[object Alleged: kind]'), fails('left behind')],
  ['clearsBaggage', fulfilled('cleared'), starts],
];

/** On xsnap, computrons run out first, or it takes long and shows no more. */
const onLocal: readonly Row[] = [
  ['breeds', fulfilled('a message that breeds')],
  harmless('printsImmense', 'printed'),
  ['sendsTooManySlots', rejected(CAPDATA)],
  ['sendsTooMany', ends('(exports)')],
];

const onXsnap: readonly Row[] = [
  harmless('readsStacks', ['Error: where', 'undefined']),
  exceeds('throwsLoop', COMPUTRONS),
  exceeds('throwsLoopingError', COMPUTRONS),
  exceeds('throwsImmense', COMPUTRONS),
  throws('exitsUnpassable', 'Remotables must be explicitly declared'),
  ['rootThatIsAProxy', undefined, fails(COMPUTRONS)],
  ['rootThatThens', undefined, fails(COMPUTRONS)],
  exceeds('loops', COMPUTRONS),
  exceeds('loopsInPromises', COMPUTRONS),
  exceeds('loopsInAsync', COMPUTRONS),
  exceeds('loopsInGenerator', COMPUTRONS),
  exceeds('loopsInProxy', COMPUTRONS),
  exceeds('loopsInThenable', COMPUTRONS),
  exceeds('loopsInConsole', COMPUTRONS),
  exceeds('loopsInTestLog', COMPUTRONS),
  exceeds('loopsInSort', COMPUTRONS),
  exceeds('loopsInReplace', COMPUTRONS),
  exceeds('backtracks', COMPUTRONS),
  exceeds('multiplies', MEMORY),
  exceeds('keepsBytes', MEMORY),
  throws('keepsOneBuffer', 'out of range byteLength'),
  exceeds('keepsText', MEMORY),
  exceeds('keepsObjects', COMPUTRONS),
  exceeds('keepsArray', MEMORY),
  exceeds('keepsPromises', COMPUTRONS),
  exceeds('recurses', STACK),
  exceeds('recursesNatively', STACK),
  exceeds('recursesInParser', STACK),
  exceeds('recursesInProxies', STACK),
  exceeds('recursesInHarden', STACK),
  exceeds('spreads', STACK),
  exceeds('evaluates', COMPUTRONS),
  exceeds('makesCompartments', COMPUTRONS),
  exceeds('sendsLoopingGetter', COMPUTRONS),
  exceeds('sendsLoopingProxy', COMPUTRONS),
  exceeds('sendsLoopingThenable', COMPUTRONS),
  exceeds('sendsFarTooDeep', STACK),
  exceeds('sendsImmense', COMPUTRONS),
  exceeds('storesWithoutEnd', COMPUTRONS),
  exceeds('readsWithoutEnd', 'syscalls and their results of more than'),
  exceeds('collectsWithoutEnd', COMPUTRONS),
];

const behaviourOf = (
  [name, run, start, made = start]: Row,
  workers: readonly ManagerType[],
): VatBehaviour => ({
  name,
  workers,
  ...(run && { run }),
  ...(start && { start }),
  ...(made && { made }),
});

export const vatBehaviours: readonly VatBehaviour[] = [
  ...anywhere.map(row => behaviourOf(row, ['local', 'xsnap'])),
  ...onLocal.map(row => behaviourOf(row, ['local'])),
  ...onXsnap.map(row => behaviourOf(row, ['xsnap'])),
];

/**
 * What counts as the death of a worker, although the vat brought it about: no computron counts what
 * the engine does inside, so the worker is silent for too long.
 */
export const deadly: readonly Behaviour[] = [
  { name: 'loopsInNativeCode', run: dies('has been silent'), start: dies('has been silent') },
  { name: 'keepsNames', run: dies('has been silent'), start: dies('has been silent') },
];
