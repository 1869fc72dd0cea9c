/** Results of the `chain` commands as text. */
import { printable } from '../../printable.js';
import { formatTable } from '../table.js';
import type { ChainStatus } from './client-commands.js';
import type { JoinedChain, NewChain } from './new-chain.js';
import type { ProvenAnswer } from './query-proven.js';
import type { KeyReport, SentReport } from './tx.js';

export const newChainText = ({
  chainID,
  platformEpoch,
  nodes,
  adminKey,
  adminAddress,
}: NewChain): string => {
  const rows = nodes.map(({ moniker, home, p2p, rpc, health }) => [
    moniker,
    home,
    p2p,
    rpc,
    health,
  ]);
  return [
    `made the chain ${chainID} on platform ${platformEpoch}`,
    '',
    formatTable(['node', 'home', 'p2p', 'rpc', 'health'], rows),
    '',
    ...(adminKey === undefined
      ? []
      : [`${adminAddress} has every role; its key is ${adminKey}`, '']),
    ...nodes.map(({ home }) => `swingset-kernel chain start --home ${home}`),
  ].join('\n');
};

export const joinedText = ({ node, chainID, trust }: JoinedChain): string =>
  [
    `made the home ${node.home} for a node of ${chainID}`,
    ...(trust?.asked
      ? [
          `it trusts block ${trust.height} with the hash ${trust.hash}, as a node told it: compare`,
          'that with somebody whom you trust before you start it',
        ]
      : []),
    `swingset-kernel chain start --home ${node.home}`,
  ].join('\n');

const upgradeOf = (chain: unknown): string | undefined => {
  const plan = (chain as { upgrade?: { name?: unknown; height?: unknown } | null } | undefined)
    ?.upgrade;
  return plan ? `upgrade ${String(plan.name)} at height ${String(plan.height)}` : undefined;
};

export const statusText = (status: ChainStatus): string => {
  const { engine, peers, waiting, chain, secondsSinceBlock, isStalled, node, halted } = status;
  const plan = upgradeOf(chain);
  return [
    `${engine.chainID}: ${printable(engine.moniker)} at ${node}, CometBFT ${engine.engineVersion}`,
    `height ${engine.height}, ${secondsSinceBlock} s ago${engine.catchingUp ? ', catching up' : ''}`,
    `app hash ${engine.appHash || 'none yet'}`,
    `${peers} peers, ${waiting} transactions waiting, voting power ${engine.votingPower}`,
    ...(plan === undefined ? [] : [plan]),
    ...(halted === undefined ? [] : [`halted for an upgrade: ${JSON.stringify(halted)}`]),
    ...(isStalled ? [`warning: the height stands still, for ${secondsSinceBlock} s`] : []),
  ].join('\n');
};

export const sentText = ({ sender, transactions, result }: SentReport): string =>
  [
    ...transactions.map(({ hash, height, actions }) =>
      [
        `block ${height} has ${hash}`,
        ...(actions.length > 0 ? [`action ${actions.join(', ')}`] : []),
      ].join(', '),
    ),
    `sender ${sender}`,
    ...(result
      ? [`${result.state}: ${printable(JSON.stringify(result.value) ?? 'undefined')}`]
      : []),
  ].join('\n');

export const keyText = ({ file, address, publicKey, isNew }: KeyReport): string =>
  [
    `${isNew ? 'made the key' : 'the key'} ${file}`,
    `address ${address}`,
    `public key ${publicKey}`,
  ].join('\n');

export const valueText = (value: unknown): string => JSON.stringify(value, null, 2);

export const provenText = ({ key, value, height, header }: ProvenAnswer): string =>
  [
    value === null ? `there is no row ${printable(key)}` : printable(value),
    `proven: ${printable(key)} at height ${height}, by app hash ${header.appHash}`,
    `in the header of block ${header.height}, ${header.hash}`,
  ].join('\n');
