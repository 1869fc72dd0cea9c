/** How long the peer bundles its own kernel, in a plain Node process: tsx would slow it down. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = `
  import '@endo/init';
  import { buildKernelBundle } from '@agoric/swingset-vat/src/controller/initializeSwingset.js';
  const started = performance.now();
  await buildKernelBundle();
  console.log(performance.now() - started);
`;

/** @returns milliseconds */
export const timePeerBundling = async (): Promise<number> => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['--input-type=module', '--eval', SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  return Number(stdout);
};
