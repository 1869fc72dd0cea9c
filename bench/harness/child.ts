/**
 * A process of one run: `child.ts <task as JSON>`. Sends the outcome to its parent.
 *
 * The rows load their kernel when they run, so that the peer's process holds none of ours.
 */
import type { Task } from './run-task.js';

// Whoever interrupts the parent ends this as well, and its workers with it.
process.once('disconnect', () => process.exit(1));

const task = JSON.parse(process.argv[2] ?? '') as Task;
// The first import decides how the process is locked down.
const isCommand = task.settings.init === 'command' && task.contender !== 'peer';
await import(isCommand ? '../../lib/cli/init.js' : '@endo/init');
const { perform } = await import('./perform.js');
const outcome = await perform(task);
process.send?.(outcome, () => process.exit());
