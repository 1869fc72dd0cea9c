/** Runs probes in a worker of a platform. */
import { readFile } from 'node:fs/promises';
import { ModuleSource } from '@endo/module-source';
import { makeNodeWorkerPowers } from '../../../../lib/platform/node-powers.js';
import { startXsnapProcess, type XsnapProcess } from '../../../../lib/platform/xsnap-process.js';
import { PRELUDE, PROBES, type Probe } from './probes.js';

const runner = await readFile(new URL('probe-runner.js', import.meta.url), 'utf8');

/** A record as it lies in an archive. */
const recordOf = (specifier: string, source: string): object => {
  if (specifier.startsWith('raw')) {
    return {
      imports: [],
      exports: ['answer'],
      reexports: [],
      __syncModuleProgram__: source,
      __fixedExportMap__: { answer: ['answer'] },
      __liveExportMap__: {},
      __reexportMap__: {},
    };
  }
  const { imports, exports, reexports, ...rest } = new ModuleSource(PRELUDE + source, specifier);
  return { imports, exports, reexports, ...rest };
};

/** JSON for a worker's `evaluate`, which has the source checks as well. */
const literalOf = (value: unknown): string =>
  JSON.stringify(value).replace(
    /import|eval|<!--|-->/g,
    ([first = '', ...rest]) =>
      `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${rest.join('')}`,
  );

/** XS numbers the sources without a name, and messages of some errors mention the number. */
const withoutCounter = (answer: unknown): unknown =>
  typeof answer === 'string' ? answer.replace(/\(anonymous-\d+\)/g, '(anonymous)') : answer;

export type ProbeModules = Pick<Probe, 'modules' | 'compartments'>;

export interface Prober {
  /** Which of the probes' programs the worker has compiled ahead. */
  readonly known: readonly boolean[];
  readonly probe: (probe: ProbeModules) => Promise<readonly unknown[]>;
  /** How the worker ends if a program takes all of its stack. */
  readonly overflow: () => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
}

const recordsOf = ({ modules }: ProbeModules): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.entries(modules).map(([name, source]) => [name, recordOf(name, source)]),
  );

/** The programs of all probes, each as often as compartments load it. */
const programsOfProbes = (): readonly unknown[] =>
  PROBES.flatMap(({ modules, compartments = 1 }) =>
    Array.from({ length: compartments }, () => Object.values(recordsOf({ modules }))).flat(),
  ).map(record => (record as { readonly __syncModuleProgram__: string }).__syncModuleProgram__);

/**
 * Starts a worker from an image.
 *
 * @param knowing - The worker compiles the modules of all probes ahead. The image has our lockdown,
 *   and no supervisor that has taken the power to do so.
 */
export const startProber = async (
  image: Uint8Array,
  knowing?: 'knowing the probes',
): Promise<Prober> => {
  const answers: (readonly unknown[])[] = [];
  const worker: XsnapProcess = startXsnapProcess({
    powers: makeNodeWorkerPowers(),
    name: 'probes',
    meteringLimit: 0,
    handleCommand: request => {
      answers.push(JSON.parse(request.toString()) as readonly unknown[]);
      return '';
    },
    snapshot: {
      stream: (async function* () {
        yield image;
      })(),
      description: 'image',
    },
  });
  await worker.isReady();
  await worker.evaluate(runner);
  if (knowing) await worker.evaluate(`knowPrograms(${literalOf(programsOfProbes())})`);
  const known = knowing ? (answers.pop() ?? []) : [];
  return {
    known: known.map(Boolean),
    probe: async ({ modules, compartments = 1 }) => {
      const records = recordsOf({ modules });
      const order = Object.keys(modules);
      await worker.evaluate(`runProbe(${literalOf({ records, order, compartments })})`);
      const answer = answers.pop();
      if (!answer) throw Error('the probe gave no answer');
      return answer.map(withoutCounter);
    },
    overflow: async () => {
      worker.evaluate(`new Compartment().evaluate('const f = () => f() + 1; f()')`).catch(() => {});
      return worker.ended;
    },
    stop: () => worker.kill(),
  };
};
