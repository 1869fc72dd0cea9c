/**
 * Our supervisor: what an xsnap worker runs after lockdown. It speaks the stock supervisor's
 * protocol and runs stock liveslots. See README.md.
 */
import { makePort } from './port.js';
import { makeWorker } from './worker.js';

const port = makePort(globalThis.issueCommand);

// A power of our lockdown, which no other code may get.
const { compileModuleAhead } = globalThis;
delete globalThis.compileModuleAhead;

// Whatever prints outside of a vat's console.
globalThis.print = (...args) => {
  port.send(['sourcedConsole', 'xsnap', 'error', ...args]);
};

globalThis.handleCommand = port.makeCommandHandler(makeWorker(port, compileModuleAhead));
