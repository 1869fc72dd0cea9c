import { E, Far } from '@endo/far';

/** Gives the others their work, a block at a time; creates and ends vats. */
export const buildRootObject = () => {
  let vats;
  let vatMaker;
  let answers = 0;
  const hired = [];
  const hire = async height => {
    const { root, adminNode } = await E(vatMaker).createVatByName('trader', {
      name: `trader-${height}`,
    });
    E(adminNode)
      .done()
      .then(
        () => (answers += 1),
        () => (answers += 2),
      );
    hired.push({ root, adminNode });
  };
  return Far('boss', {
    bootstrap: async (allVats, { vatAdmin }) => {
      vats = allVats;
      vatMaker = await E(vats.vatAdmin).createVatAdminService(vatAdmin);
    },
    block: async height => {
      const { bank, trader } = vats;
      const purse = await E(bank).open(`purse ${height}`);
      const traders = [trader, ...hired.map(({ root }) => root)];
      for (const each of traders) E(each).take(purse);
      E(trader)
        .owe(height)
        .then(
          () => (answers += 1),
          () => undefined,
        );
      await Promise.all(traders.map(each => E(each).trade(height)));
      await E(bank).forget(`purse ${height - 5}`);
      if (height % 6 === 2) await hire(height);
      if (height % 6 === 5) await E(hired.shift().adminNode).terminateWithFailure(Error('done'));
      return answers;
    },
  });
};
