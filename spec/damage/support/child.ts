/** A process that examines one damaged store after the other, so that a hang is the end of one case. */
import '@endo/init/debug.js';
import { examine, type Job } from './examine.js';

process.on('message', (job: Job) => {
  examine(job).then(
    examination => process.send?.({ examination }),
    (error: unknown) => process.send?.({ broken: String((error as Error).stack) }),
  );
});
process.send?.({ ready: true });
