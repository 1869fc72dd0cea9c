/** What holds for every target: only typed errors, in bounded time, and nothing else is changed. */
import { SwingsetError } from '../../lib/errors.js';
import { BadPlatformEpochError } from '../../lib/platform-epoch/errors.js';

/** No input may take longer. Far more than any takes on a busy machine. */
const MOST_SECONDS = 60;

/** Something that no input may cause. */
export class Finding extends Error {
  constructor(problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = 'Finding';
  }
}

export const insist = (holds: boolean, problem: string): void => {
  if (!holds) throw new Finding(problem);
};

/** The code of a refusal. @throws Finding for an error without a stable code */
export const codeOf = (error: unknown): string => {
  if (error instanceof Finding) throw error;
  if (!(error instanceof SwingsetError || error instanceof BadPlatformEpochError)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Finding(`an error without a code: ${text}`, { cause: error });
  }
  insist(/^[A-Z][A-Z0-9_]+$/.test(error.code), `an odd code: ${error.code}`);
  insist(error.message.length <= 10_001, `a message of ${error.message.length} characters`);
  return error.code;
};

/** The result of a call, or the code of the error with which it refused. */
export const resultOf = async <T>(
  call: () => Promise<T> | T,
): Promise<{ readonly value: T } | { readonly code: string }> => {
  try {
    return { value: await call() };
  } catch (error) {
    return { code: codeOf(error) };
  }
};

/** @throws Finding when it takes too long */
export const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Finding(`no answer in ${MOST_SECONDS} s`));
    }, MOST_SECONDS * 1000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
};

const SHARED = { Object, Array, String, Number, Function, Promise, Map, Set, Error, Buffer };

/** The names in prototypes that all code shares, as one text. */
export const namesInPrototypes = (): string =>
  Object.entries(SHARED)
    .map(([name, { prototype }]) => `${name}: ${Reflect.ownKeys(prototype).map(String).join()}`)
    .join('\n');
