import { expect } from 'chai';
import { parseVatID } from '../../lib/types/ids.js';
import { showRestart } from '../../lib/cli/restart-progress.js';

describe('the progress of a restart', () => {
  it('is a bar with the vat whose turn it is or was, and clears when all are', () => {
    const shown: string[] = [];
    const show = showRestart({
      update: text => void shown.push(text),
      end: () => void shown.push('cleared'),
    });
    show({ phase: 'start', index: 0, total: 8 });
    show({ phase: 'turn', index: 1, total: 8, vatID: parseVatID('v2'), name: 'bank' });
    show({
      phase: 'vat',
      index: 2,
      total: 8,
      vatID: parseVatID('v2'),
      name: 'bank',
      result: 'restarted',
    });
    show({ phase: 'vat', index: 8, total: 8, vatID: parseVatID('v9'), result: 'suspended' });
    show({ phase: 'finish', index: 8, total: 8 });
    expect(shown).to.deep.equal([
      '[....................] 0 of 8 vats',
      '[##..................] 1 of 8 vats, now v2 bank',
      '[#####...............] 2 of 8 vats, v2 bank restarted',
      '[####################] 8 of 8 vats, v9 suspended',
      'cleared',
    ]);
  });

  it('obeys no name of a vat', () => {
    const shown: string[] = [];
    const show = showRestart({ update: text => void shown.push(text), end: () => undefined });
    show({ phase: 'turn', index: 0, total: 1, vatID: parseVatID('v7'), name: '\u001b[2J\nx' });
    expect(shown).to.deep.equal(['[....................] 0 of 1 vats, now v7 \\u001b[2J\\nx']);
  });
});
