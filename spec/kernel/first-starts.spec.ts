/** Static vats that were paused before they had ever run. */
import { expect } from 'chai';
import { queueUpgrade } from '../../lib/kernel/vats/static-upgrade.js';
import { parseVatID } from '../../lib/types/ids.js';
import { codeID, startScripted, type Code } from '../support/scripted-kernel.js';

const v2 = parseVatID('v2');

/** vatAdmin (v1), and alice (v2), whose first start waits because she is paused. */
const start = async (useTranscript: boolean, code: Code = () => undefined) => {
  const scripted = await startScripted({
    vats: { vatAdmin: {}, alice: { code, options: { useTranscript } } },
  });
  scripted.kernel.pauseVat('v2');
  scripted.kernel.queueToVatRoot('alice', 'hello', [], 'none');
  await scripted.kernel.run();
  const { state } = scripted.parts.lifecycle;
  expect(state.waiting.events(v2).map(({ type }) => type)).to.deep.equal(['startVat', 'send']);
  const upgrade = (vatParameters: object = {}) =>
    state.atomically(() => {
      const upgradeMessage = 'upgraded';
      queueUpgrade(state, { vatID: v2, bundleID: codeID('alice'), vatParameters, upgradeMessage });
    });
  const told = () => scripted.told.filter(line => line.startsWith('v2.'));
  return { ...scripted, state, upgrade, told };
};

for (const useTranscript of [true, false]) {
  const kind = useTranscript ? 'with a transcript' : 'without a transcript';
  describe(`a vat ${kind} that is paused before its first start`, () => {
    it('starts once with the code of an upgrade, and stays paused', async () => {
      const { kernel, state, upgrade, told } = await start(useTranscript);
      upgrade();
      await kernel.run();
      expect(told()).to.deep.equal(['v2.0 startVat']);
      expect(state.services.get(v2)).to.include({ type: 'paused', pausedBy: 'host' });
      kernel.unpauseVat('v2');
      await kernel.run();
      expect(told()).to.deep.equal(['v2.0 startVat', 'v2.0 message']);
    });

    it("waits for its first start as before if the upgrade can't start", async () => {
      let isBroken = true;
      const { kernel, state, upgrade, told } = await start(useTranscript, ({ delivery }) =>
        isBroken && delivery[0] === 'startVat' ? ['error', 'broken', null] : undefined,
      );
      upgrade();
      await kernel.run();
      expect(state.services.get(v2)).to.include({ type: 'paused', pausedBy: 'host' });
      expect(state.waiting.events(v2).map(({ type }) => type)).to.deep.equal(['startVat', 'send']);
      isBroken = false;
      kernel.unpauseVat('v2');
      await kernel.run();
      expect(told().slice(-2)).to.deep.equal(['v2.0 startVat', 'v2.0 message']);
    });

    it('starts once when it is upgraded while it is suspended as well', async () => {
      const { kernel, upgrade, told } = await start(useTranscript);
      await kernel.suspendVat('v2');
      upgrade();
      await kernel.run();
      kernel.unpauseVat('v2');
      await kernel.run();
      expect(told()).to.deep.equal(['v2.0 startVat', 'v2.0 message']);
    });
  });
}
