/** Messages of the kernel, as the command line shows them. */
import { expect } from 'chai';
import { inFlags, messageFor } from '../../lib/cli/flag-words.js';
import { BadOptionError, NotInitializedError } from '../../lib/errors.js';
import { NoConfigError } from '../../lib/host/solo-host.js';
import {
  BadPlatformEpochError,
  PlatformChangeError,
  PlatformEpochKindError,
  PlatformEpochRegressionError,
  PlatformMismatchError,
  PlatformRestartQueueNotEmptyError,
  PlatformRestartUnfinishedError,
  RestartFailedError,
} from '../../lib/platform-epoch/errors.js';

const queued = { queuedEvents: 3, queuedByVat: { v5: 3 } };

describe('messages of the kernel', () => {
  const cases: readonly (readonly [error: Error, shown: string])[] = [
    [
      new PlatformEpochKindError(2, 'summer'),
      '--epoch "summer" is a string, but this store has reached 2, a number: ' +
        'pass --kind-change to change over',
    ],
    [
      new PlatformEpochRegressionError(2, 1),
      '--epoch 1 is older than 2, which this store has reached: ' +
        'run the software that belongs to 2, or give a newer epoch',
    ],
    [
      new PlatformRestartQueueNotEmptyError('spring', 'summer', queued),
      '--epoch "summer" would restart every vat with 3 queued events (v5: 3), and ' +
        '--require-empty-queue is given. Boot the software of "spring" with that --epoch, run it ' +
        'until status says that nothing is queued, and run this software again; or omit ' +
        '--require-empty-queue',
    ],
    [
      new PlatformRestartQueueNotEmptyError(undefined, 'summer', queued),
      '--epoch "summer" would restart every vat with 3 queued events (v5: 3), and ' +
        '--require-empty-queue is given. Boot the previous software without --epoch, run it until ' +
        'status says that nothing is queued, and run this software again; or omit ' +
        '--require-empty-queue',
    ],
    [
      new PlatformRestartUnfinishedError('summer'),
      'the restart of vats for --epoch "summer" did not finish: pass this epoch again, with the ' +
        'same options of the restart, or a newer one; until then nothing runs',
    ],
    [
      new PlatformChangeError('imageBundles', [], ['b1-1'], 'spring'),
      '--image-bundles: expected [], as platform epoch "spring" records it, got ["b1-1"]. ' +
        'Vats change over only when they restart: give a new --epoch with it',
    ],
    [
      new PlatformMismatchError('engine 1', 'engine 2'),
      'the vats of this store run on engine 1, but engine 2 is installed: ' +
        'pass a new --epoch to restart all vats on it, or install the engine they know',
    ],
    [
      new RestartFailedError([{ vatID: 'v5', error: 'oh' }]),
      'vats could not be restarted, and --on-vat-failure is panic: v5 (oh). ' +
        'Do not commit; run the previous software or mend the vats',
    ],
    [
      new BadOptionError('platformRestart.exempt', 'x', 'the name or vatID of a live vat'),
      '--exempt: expected the name or vatID of a live vat, got "x"',
    ],
    [new BadPlatformEpochError('', 'a name'), '--epoch: expected a name, got ""'],
    [new BadOptionError('tempDir', 'x', 'a place'), '--temp-dir: expected a place, got "x"'],
    [new NotInitializedError(), 'there is no swingset in the store yet'],
  ];
  for (const [error, shown] of cases) {
    it(`name flags: ${shown.slice(0, 60)}`, () => expect(inFlags(error.message)).to.equal(shown));
  }

  it('keep the words of the API for commands with other flags', () => {
    const { message } = new PlatformEpochRegressionError('b', 'a');
    expect(messageFor('rehearse', message)).to.match(/^--epoch "a" is older/);
    expect(messageFor('run', message)).to.match(/^--epoch "a" is older/);
    expect(messageFor('chain start', message)).to.equal(message);
    expect(messageFor(undefined, message)).to.equal(message);
  });

  it('ask for a configuration those commands only that take one', () => {
    const { message } = new NoConfigError('./store');
    const said = 'there is no swingset in ./store yet: ';
    for (const command of ['init', 'run', 'start'] as const) {
      expect(messageFor(command, message)).to.equal(`${said}pass a configuration to make one`);
    }
    for (const command of ['status', 'drain', 'suspend', 'rehearse', 'vats'] as const) {
      expect(messageFor(command, message)).to.equal(
        `${said}make one with \`swingset-kernel init\``,
      );
    }
  });

  it('say whose flags they are for commands that have none', () => {
    const { message } = new PlatformEpochRegressionError('b', 'a');
    expect(messageFor('suspend', message)).to.equal(
      `${inFlags(message)} (options of \`swingset-kernel start\` and \`run\`)`,
    );
    expect(messageFor('suspend', 'v4 is in service')).to.equal('v4 is in service');
  });
});
