/** Runs the lives of a vat on the stock platform and on ours, and compares what they do. */
import { expect } from 'chai';
import { loadPlatform } from '../../../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../../../lib/platform/node-powers.js';
import { OWN, STOCK } from '../../../../lib/platform/choices.js';
import { makePlatformImage } from '../../../../lib/platform/platform-image.js';
import type { Bundle } from '../../../../lib/store/types.js';
import type {
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallResult,
} from '../../../../lib/types/messages.js';
import { startXsnapWorker } from '../../../../lib/workers/xsnap-worker.js';
import { makeVatKernel, v1, type VatKernel } from '../../../workers/support/fixture.js';

/** A life: the bundle that it starts from, and its deliveries, `startVat` first. */
export interface Life {
  readonly bundle: Bundle;
  /** Or what draws the next delivery from what the vat did up to then, in all its lives. */
  readonly deliveries:
    readonly VatDelivery[] | ((syscalls: readonly VatSyscall[]) => Iterable<VatDelivery>);
}

export interface LivesOptions {
  /** Computrons per delivery; 0 means no limit. */
  readonly meteringLimit?: number;
  readonly enableDisavow?: boolean;
  /** The lives run once more, on our platform with an image that knows their bundles. */
  readonly alsoKnown?: boolean;
  /** Bundles that this image knows as well. */
  readonly alsoKnows?: readonly Bundle[];
  /** The lives run once more, and our supervisor serves `importBundle`; also with `alsoKnown`. */
  readonly serves?: boolean;
  /** The kernel's answer instead of the usual one. */
  readonly answer?: (syscall: VatSyscall, kernel: VatKernel) => VatSyscallResult | undefined;
}

/** All that a vat did, except what it cost. */
export interface Deeds {
  /** Syscalls and outputs with the deliveries between them, in order. */
  readonly events: readonly unknown[];
  readonly vatstore: readonly (readonly [string, string])[];
}

export interface Ran {
  readonly deeds: Deeds;
  /** Computrons of each delivery; null for those that failed with the worker. */
  readonly computrons: readonly (number | null)[];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

const runLives = async (
  image: Uint8Array,
  lives: readonly Life[],
  { meteringLimit = 0, enableDisavow = false, serves = false, answer }: LivesOptions = {},
): Promise<Ran> => {
  const kernel = makeVatKernel();
  const events: unknown[] = [];
  const computrons: (number | null)[] = [];
  for (const { bundle, deliveries } of lives) {
    const worker = await startXsnapWorker(
      {
        from: 'image',
        image: { stream: once(image), description: 'image' },
        vat: {
          bundle,
          options: {
            enableDisavow,
            relaxDurabilityRules: false,
            ...(serves && { serveImportBundle: true }),
          },
        },
      },
      {
        vatID: v1,
        name: 'equality',
        powers: makeNodeWorkerPowers(),
        checkBundle: () => {},
        meteringLimit,
        output: {
          console: (...args) => void events.push(['console', ...args]),
          testLog: args => void events.push(['testLog', ...args]),
        },
      },
    );
    try {
      const drawn = typeof deliveries === 'function' ? deliveries(kernel.syscalls) : deliveries;
      for (const delivery of drawn) {
        events.push(['deliver', delivery]);
        const [told, before] = [events.length, new Map(kernel.vatstore)];
        const [status, problem, usage]: VatDeliveryResult = await worker.deliver(
          delivery,
          syscall => {
            const result = answer?.(syscall, kernel) ?? kernel.handle(syscall);
            events.push([syscall, result]);
            return result;
          },
        );
        // The crank is undone. What the vat did is not all known: our worker ends with its syscalls.
        if (status === 'error' && usage === null) {
          events.length = told;
          kernel.vatstore.clear();
          for (const [key, value] of before) kernel.vatstore.set(key, value);
        }
        events.push([status, problem]);
        computrons.push(usage?.compute ?? null);
        if (status === 'error') break;
      }
    } finally {
      await worker.shutdown();
    }
  }
  const vatstore = [...kernel.vatstore].sort(([a], [b]) => (a < b ? -1 : 1));
  return { deeds: { events, vatstore }, computrons };
};

type Images = Readonly<Record<'stock' | 'own', Uint8Array>>;

let images: Promise<Images> | undefined;

/** The image of each platform, made once per run. */
export const makeImages = (): Promise<Images> =>
  (images ??= (async () => {
    const powers = makeNodeWorkerPowers();
    const [stock, own] = [await loadPlatform(STOCK), await loadPlatform(OWN)];
    return {
      stock: await makePlatformImage({ scripts: stock.bundles, known: [] }, powers),
      own: await makePlatformImage({ scripts: own.bundles, known: [] }, powers),
    };
  })());

const makeKnowingImage = async (known: readonly Bundle[]): Promise<Uint8Array> =>
  makePlatformImage({ scripts: (await loadPlatform(OWN)).bundles, known }, makeNodeWorkerPowers());

/**
 * The JSON of an event without what may differ: places in the platform's own code (lines of a stack
 * on a console), and the numbers by which the engine's messages name functions without a name. XS
 * counts them through all code that it has compiled.
 */
const comparable = (event: unknown): string =>
  JSON.stringify(event)
    .replace(/anonymous-\d+/g, 'anonymous')
    .replace(/\\n at (?:[^"\\]|\\.)*/g, '');

/** The worker's own lines on the console have other words. */
const isOfVat = (event: unknown): boolean =>
  !(Array.isArray(event) && event[0] === 'console' && event[1] === 'xsnap');

const deedsOfVat = ({ events, vatstore }: Deeds): readonly string[] =>
  [...events.filter(isOfVat), ...vatstore].map(comparable);

const expectSameDeeds = (actual: Deeds, expected: Deeds): void => {
  const [ours, theirs] = [deedsOfVat(actual), deedsOfVat(expected)];
  // One by one, so that a difference is small enough to be read.
  theirs.forEach((deed, index) => {
    expect(ours[index], `deed ${index}`).to.equal(deed);
  });
  expect(ours).to.have.length(theirs.length);
};

export interface SameLives {
  readonly deeds: Deeds;
  readonly stock: Ran;
  readonly own: Ran;
  /** With `alsoKnown`. */
  readonly known?: Ran;
  /** With `serves`. */
  readonly served?: Ran;
}

/** Runs the lives on both platforms, expects the same deeds, and returns ours. */
export const expectSameLives = async (
  lives: readonly Life[],
  { serves = false, alsoKnown = false, alsoKnows = [], ...options }: LivesOptions = {},
): Promise<SameLives> => {
  const made = await makeImages();
  const stock = await runLives(made.stock, lives, options);
  const own = await runLives(made.own, lives, options);
  expectSameDeeds(own.deeds, stock.deeds);
  const more: { known?: Ran; served?: Ran } = {};
  if (serves) {
    more.served = await runLives(made.own, lives, { ...options, serves });
    expectSameDeeds(more.served.deeds, stock.deeds);
  }
  if (alsoKnown) {
    const image = await makeKnowingImage([...lives.map(({ bundle }) => bundle), ...alsoKnows]);
    more.known = await runLives(image, lives, { ...options, serves });
    expectSameDeeds(more.known.deeds, stock.deeds);
  }
  return { deeds: own.deeds, stock, own, ...more };
};
