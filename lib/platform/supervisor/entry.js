/**
 * Our supervisor: what an xsnap worker runs after lockdown. It speaks the stock supervisor's
 * protocol and runs stock liveslots. See README.md.
 */
import { makePort } from './port.js';
import { makeWorker } from './worker.js';

const port = makePort(globalThis.issueCommand);

// Whatever prints outside of a vat's console.
globalThis.print = (...args) => {
  port.send(['sourcedConsole', 'xsnap', 'error', ...args]);
};

globalThis.handleCommand = port.makeCommandHandler(makeWorker(port));
