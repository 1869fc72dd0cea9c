/**
 * Proposes the bundles that a platform image should know for the vats of a store (issue 15). Reads a
 * store without a kernel.
 *
 * A vat's start saves the work for each of its modules that the image knows, and every worker holds
 * all modules of the image in memory. So a bundle is proposed if several vats use most of what it
 * adds to the image: the bytes that they would repeat are at least half of the bytes added.
 */
import { errorText } from '../errors.js';
import { checkArchive, type CheckedModule } from '../platform/check-archive.js';
import { KernelState } from '../state/kernel-state.js';
import type { BundleStore, KernelStorage } from '../store/types.js';
import type { PlatformChoice } from '../types/platform-epoch.js';
import { compareIDs, isBundleID, type BundleID, type VatID } from '../types/ids.js';

/** A sum over starts of vats. */
export interface Saving {
  /** Modules that are not parsed and compiled. */
  readonly modules: number;
  /** Their size. */
  readonly bytes: number;
}

export interface ProposedBundle {
  readonly bundleID: BundleID;
  /** Live vats that run from it. */
  readonly vats: readonly VatID[];
  /** Live vats that run from other bundles, and share modules that it adds to the image. */
  readonly sharing: readonly VatID[];
  /** What it adds to the image. */
  readonly added: Saving;
  /** What it saves when all live vats start once, beyond what the bundles before it save. */
  readonly saving: Saving;
}

export interface ImageProposal {
  /** In the order in which the image should get them: most saving first. */
  readonly bundles: readonly ProposedBundle[];
  readonly saving: Saving;
  /** What all vats that run in xsnap compile without an image that knows bundles. */
  readonly total: Saving;
  /** Vats that run in xsnap. Others gain nothing. */
  readonly vats: number;
  /** The present platform, and the bundles that its image knows. Undefined without an epoch. */
  readonly platform: PlatformChoice['platform'] | undefined;
  readonly current: readonly BundleID[];
  /** Installed archives from which no live vat runs. Vats may import them, as contract facets do. */
  readonly others: number;
  /** Archives that no image can know, with the reason. */
  readonly bad: readonly { readonly bundleID: BundleID; readonly problem: string }[];
}

/** A module by all that its source depends on, with its size. */
type Modules = ReadonlyMap<string, number>;

interface Candidate {
  readonly bundleID: BundleID;
  readonly vats: readonly VatID[];
  readonly modules: Modules;
}

const isArchiveID = (bundleID: string): bundleID is BundleID =>
  isBundleID(bundleID) && bundleID.startsWith('b1-');

/** Only the programs of ES modules are compiled ahead. The loader puts the name into the source. */
const modulesOf = (checked: readonly CheckedModule[]): Modules =>
  new Map(
    checked
      .filter(({ parser }) => parser === 'pre-mjs-json')
      .map(({ packageName, specifier, sha512, size }) => [
        `${packageName.slice(packageName.lastIndexOf('/') + 1)} ${specifier} ${sha512}`,
        size,
      ]),
  );

/** The xsnap vats of each bundle, in the order of their numbers. */
const vatsByBundle = ({ vats }: KernelState): ReadonlyMap<BundleID, readonly VatID[]> => {
  const found = new Map<BundleID, VatID[]>();
  for (const vatID of vats.allIDs()) {
    if (vats.getOptions(vatID).workerOptions.type !== 'xsnap') continue;
    const { bundleID } = vats.getSource(vatID);
    found.set(bundleID, [...(found.get(bundleID) ?? []), vatID]);
  }
  return found;
};

type Bad = ImageProposal['bad'][number];

const readCandidates = (
  usage: ReadonlyMap<BundleID, readonly VatID[]>,
  bundleStore: Pick<BundleStore, 'getBundle'>,
): { readonly candidates: readonly Candidate[]; readonly bad: readonly Bad[] } => {
  const candidates: Candidate[] = [];
  const bad: Bad[] = [];
  for (const [bundleID, vats] of usage) {
    if (!isArchiveID(bundleID)) continue;
    try {
      const modules = modulesOf(checkArchive(bundleStore.getBundle(bundleID)));
      candidates.push({ bundleID, vats, modules });
    } catch (error) {
      bad.push({ bundleID, problem: errorText(error) });
    }
  }
  return { candidates, bad };
};

/** How many vats use each module. */
const countUses = (candidates: readonly Candidate[]): ReadonlyMap<string, number> => {
  const uses = new Map<string, number>();
  for (const { vats, modules } of candidates) {
    for (const module of modules.keys()) uses.set(module, (uses.get(module) ?? 0) + vats.length);
  }
  return uses;
};

const sum = (savings: readonly Saving[]): Saving => ({
  modules: savings.reduce((total, { modules }) => total + modules, 0),
  bytes: savings.reduce((total, { bytes }) => total + bytes, 0),
});

const withoutKnown = (modules: Modules, known: ReadonlySet<string>): Modules =>
  new Map([...modules].filter(([module]) => !known.has(module)));

interface Weighed {
  readonly candidate: Candidate;
  /** Its modules that the image does not know yet, with their sizes. */
  readonly fresh: Modules;
  readonly added: Saving;
  readonly saving: Saving;
}

const weigh = (
  candidate: Candidate,
  uses: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): Weighed => {
  const fresh = withoutKnown(candidate.modules, known);
  const sizes = [...fresh];
  return {
    candidate,
    fresh,
    added: sum(sizes.map(([, bytes]) => ({ modules: 1, bytes }))),
    saving: sum(
      sizes.map(([module, bytes]) => {
        const times = uses.get(module) ?? 0;
        return { modules: times, bytes: times * bytes };
      }),
    ),
  };
};

const repeated = ({ saving, added }: Weighed): number => saving.bytes - added.bytes;

const isWorthIt = (weighed: Weighed): boolean =>
  repeated(weighed) > 0 && repeated(weighed) * 2 >= weighed.added.bytes;

/** Equal ones in the order of their IDs, so that replicas propose the same. */
const byRepetition = (a: Weighed, b: Weighed): number =>
  repeated(b) - repeated(a) || (a.candidate.bundleID < b.candidate.bundleID ? -1 : 1);

const choose = (candidates: readonly Candidate[]): readonly ProposedBundle[] => {
  const uses = countUses(candidates);
  const known = new Set<string>();
  const chosen: ProposedBundle[] = [];
  let left = candidates;
  for (;;) {
    const [best] = left
      .map(each => weigh(each, uses, known))
      .filter(isWorthIt)
      .sort(byRepetition);
    if (!best) return chosen;
    const { candidate, fresh, added, saving } = best;
    const sharing = candidates
      .filter(other => other !== candidate && [...fresh.keys()].some(m => other.modules.has(m)))
      .flatMap(({ vats }) => vats)
      .sort(compareIDs);
    chosen.push({ bundleID: candidate.bundleID, vats: candidate.vats, sharing, added, saving });
    for (const module of fresh.keys()) known.add(module);
    left = left.filter(each => each !== candidate);
  }
};

/** @throws KernelStateError if the store has no swingset */
export const proposeImage = (storage: KernelStorage): ImageProposal => {
  const state = new KernelState(storage);
  const usage = vatsByBundle(state);
  const { candidates, bad } = readCandidates(usage, storage.bundleStore);
  const bundles = choose(candidates);
  const fingerprint = state.platformEpochs.ledger().at(-1)?.fingerprint;
  const installed = [...storage.bundleStore.getBundleIDs()].filter(isArchiveID);
  return {
    bundles,
    saving: sum(bundles.map(({ saving }) => saving)),
    total: sum(
      candidates.flatMap(({ vats, modules }) =>
        [...modules.values()].map(bytes => ({
          modules: vats.length,
          bytes: vats.length * bytes,
        })),
      ),
    ),
    vats: [...usage.values()].flat().length,
    platform: fingerprint?.platform,
    current: fingerprint?.imageBundles ?? [],
    others: installed.filter(bundleID => !usage.has(bundleID)).length,
    bad,
  };
};
