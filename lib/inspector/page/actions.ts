/** What may be done to a vat: the words for it, what a filled-in form asks for, and what came of it. */
import type { ActionAnswer, BundleAnswer, LiveVat } from '../answers.js';
import { post } from './api.js';

/** What came of the last action. */
export interface Outcome {
  readonly kind: 'done' | 'problem' | 'open';
  readonly text: string;
  readonly kpid?: string | null;
}

export interface Action {
  readonly name: 'send' | 'suspend' | 'resume' | 'restart' | 'upgrade' | 'terminate';
  readonly title: string;
  /** On the button. */
  readonly verb: string;
  readonly does: string;
  readonly done: string;
  readonly isOffered: (vat: LiveVat) => boolean;
}

export const ACTIONS: readonly Action[] = [
  {
    name: 'upgrade',
    title: 'Upgrade',
    verb: 'Upgrade this vat',
    does: 'Gives the vat new code. What is durable stays, and what is only in its memory is lost. If the new code can not start, the vat stays as it is.',
    done: 'Upgraded.',
    isOffered: ({ dynamic }) => !dynamic,
  },
  {
    name: 'resume',
    title: 'Resume',
    verb: 'Resume this vat',
    does: 'Brings the vat back. What waits for it is delivered.',
    done: 'Resumed.',
    isOffered: ({ service }) => service !== null,
  },
  {
    name: 'restart',
    title: 'Restart',
    verb: 'Restart this vat',
    does: 'Starts the vat anew on its own code. What is durable stays, and what is only in its memory is lost.',
    done: 'Restarted.',
    isOffered: () => true,
  },
  {
    name: 'suspend',
    title: 'Suspend',
    verb: 'Suspend this vat',
    does: 'Takes the vat out of service. What is durable stays, what is only in its memory is lost, and what is sent to it waits.',
    done: 'Suspended.',
    isOffered: ({ service }) => service === null,
  },
  {
    name: 'terminate',
    title: 'Terminate',
    verb: 'Terminate this vat',
    does: 'Ends the vat for good: it can not come back, and what waits for it is rejected.',
    done: 'Terminated.',
    isOffered: () => true,
  },
  {
    name: 'send',
    title: 'Send a message',
    verb: 'Send it',
    does: 'Sends a message to the root object of the vat. While the vat is out of service, it waits.',
    done: 'Result:',
    isOffered: () => true,
  },
];

/** A restart has left the vat's start to its next delivery. There is nothing to mend. */
export const isOnlyAsleep = ({ service }: LiveVat): boolean =>
  service?.type === 'sleeping' && service.pausedBy === undefined;

const textOf = (form: FormData, name: string): string | undefined => {
  const value = form.get(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

const readJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw Error(`${what}: not JSON (${(error as Error).message})`, { cause: error });
  }
};

/** Installs the bundle of a file that was chosen. */
const installFile = async (form: FormData): Promise<string | undefined> => {
  const file = form.get('file');
  if (!(file instanceof File) || file.size === 0) return undefined;
  const text = await file.text();
  readJson(text, file.name);
  return (await post<BundleAnswer>('/api/bundles', text)).bundleID;
};

const bundleOf = async (form: FormData): Promise<string> => {
  const bundleID = (await installFile(form)) ?? textOf(form, 'bundleID');
  if (bundleID !== undefined) return bundleID;
  throw Error('choose a file with a bundle, or give the ID of one that is installed');
};

const readArguments = (form: FormData): readonly unknown[] => {
  const args = readJson(`[${textOf(form, 'args') ?? ''}]`, 'arguments');
  return args as readonly unknown[];
};

const fieldsOf = async (name: Action['name'], form: FormData): Promise<object> => {
  const parameters = textOf(form, 'parameters');
  if (name === 'send') {
    return { method: textOf(form, 'method') ?? '', args: readArguments(form) };
  }
  return {
    ...(name === 'upgrade' && { bundleID: await bundleOf(form) }),
    ...(name === 'terminate' && { confirm: textOf(form, 'confirm') ?? '' }),
    ...(parameters !== undefined && { parameters: readJson(parameters, 'parameters') }),
  };
};

const outcomeOf = (
  { name, done }: Action,
  { status, kpid, value, problem }: ActionAnswer,
): Outcome => {
  switch (status) {
    case 'done':
      return value === null
        ? { kind: 'done', text: done }
        : { kind: 'done', text: `${done} ${value}`, kpid };
    case 'rejected': {
      const head = name === 'send' ? 'Rejected' : 'The vat is as it was';
      return { kind: 'problem', text: `${head}: ${problem ?? 'no reason was given'}`, kpid };
    }
    case 'unresolved':
      return { kind: 'open', text: 'Not done yet. Its result will be', kpid };
    default:
      return status satisfies never;
  }
};

/** Asks for an action as a form says. */
export const perform = async (action: Action, vatID: string, form: FormData): Promise<Outcome> => {
  const { name } = action;
  try {
    const body = JSON.stringify({ vat: vatID, ...(await fieldsOf(name, form)) });
    return outcomeOf(action, await post<ActionAnswer>(`/api/actions/${name}`, body));
  } catch (error) {
    return { kind: 'problem', text: error instanceof Error ? error.message : String(error) };
  }
};
