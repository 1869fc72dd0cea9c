/** Terminals in which the commands of a page are typed. */
import { execFile, spawn } from 'node:child_process';
import { exitCodes } from '../../../lib/cli/exit-codes.js';
import { UsageError } from '../../../lib/cli/usage-error.js';
import { errorText } from '../../../lib/errors.js';
import { startCommand } from '../../cli/support.js';
import { until } from '../../support/processes.js';
import { splitShellLine } from '../../support/shell-line.js';

export interface Outcome {
  readonly code: number;
  /** Of a command that serves until it is stopped: what it has printed so far. */
  readonly text: string;
}

export interface Terminal {
  readonly run: (line: string) => Promise<Outcome>;
  /** Stops what serves, as Ctrl-C does, and tells how each ended. */
  readonly end: () => Promise<readonly Outcome[]>;
}

/** A command of this package that runs. */
interface Started {
  readonly text: () => string;
  readonly stop: () => void;
  readonly ended: Promise<Outcome>;
}

/** The arguments of a line that runs the package's program; undefined for any other. */
export const programArgs = (line: string): readonly string[] | undefined => {
  const words = splitShellLine(line);
  const own = words[0] === 'npx' ? words.slice(1) : words;
  return own[0] === 'swingset-kernel' ? own.slice(1) : undefined;
};

/** What a command that runs until it is stopped prints when it is ready. */
const readinessOf = ([first, second]: readonly string[]): RegExp | undefined => {
  if (first === 'start' || first === 'inspect') return /http:\/\//;
  return first === 'chain' && second === 'start' ? /\bnode\b/ : undefined;
};

const ASSIGNMENT = /^[A-Z]+=(\S+|\$\(.*\))$/;

const openTerminal = (
  directory: string,
  env: NodeJS.ProcessEnv,
  start: (args: readonly string[], line: string) => Started,
): Terminal => {
  const serving: Started[] = [];
  const assignments: string[] = [];

  const runShell = (script: string): Promise<Outcome> =>
    new Promise(resolve => {
      execFile('sh', ['-c', script], { cwd: directory, env }, (error, stdout, stderr) => {
        const code = error ? Number((error as { code?: number }).code ?? -1) : 0;
        resolve({ code, text: `${stdout}${stderr}` });
      });
    });

  return {
    run: async line => {
      const args = programArgs(line);
      if (!args) {
        const before = [...assignments];
        if (ASSIGNMENT.test(line)) assignments.push(line);
        return runShell([...before, line].join('\n'));
      }
      const started = start(args, line);
      const readiness = readinessOf(args);
      if (!readiness) return started.ended;
      let hasEnded = false;
      void started.ended.then(() => (hasEnded = true));
      await until(() => hasEnded || readiness.test(started.text()));
      if (hasEnded) return started.ended;
      serving.push(started);
      return { code: 0, text: started.text() };
    },
    end: () => {
      const all = serving.splice(0);
      for (const { stop } of all) stop();
      return Promise.all(all.map(({ ended }) => ended));
    },
  };
};

const startHere = (args: readonly string[]): Started => {
  const { text, interrupt, ended } = startCommand(...args);
  const outcome = async (): Promise<Outcome> => {
    try {
      const { code, text: printed, warnings } = await ended;
      return { code, text: [printed, ...warnings].join('\n') };
    } catch (error) {
      const code = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
      return { code, text: `${text()}\n${errorText(error)}` };
    }
  };
  return { text, stop: interrupt, ended: outcome() };
};

/** Runs commands of this package in this process, whose working directory must be `directory`. */
export const openTerminalHere = (directory: string): Terminal =>
  openTerminal(directory, process.env, startHere);

/** Runs commands of this package as processes. */
export const openProcessTerminal = (directory: string, env: NodeJS.ProcessEnv): Terminal =>
  openTerminal(directory, env, (_args, line) => {
    const child = spawn('sh', ['-c', `exec ${line}`], { cwd: directory, env });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    }
    return {
      text: () => text,
      stop: () => child.kill('SIGTERM'),
      ended: new Promise(resolve => {
        child.once('close', code => resolve({ code: code ?? -1, text: text.trimEnd() }));
      }),
    };
  });
