/** `swingset-kernel epoch images`: which bundles a platform image should know. Only reads the store. */
import { proposeImage } from '../host/image-proposal.js';
import type { ImageProposal, Saving } from '../host/image-proposal.js';
import { lookAtStore } from '../host/look-at-store.js';
import type { CommonArgs } from './command.js';
import { formatBytes } from './store-reports.js';
import { formatTable } from './table.js';

export interface EpochImagesArgs extends CommonArgs {
  readonly command: 'epoch images';
}

const savingText = ({ modules, bytes }: Saving): string =>
  `${modules} modules, ${formatBytes(bytes)}`;

/** Options of `run` and `rehearse`. */
const flagsOf = ({ bundles, platform }: ImageProposal): readonly string[] => {
  const known = bundles.map(({ bundleID }) => `--image-bundles ${bundleID}`);
  return known.length > 0 && platform === 'stock' ? ['--platform own', ...known] : known;
};

const countOf = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

const proposalText = (proposal: ImageProposal, home: string): string => {
  const { bundles, saving, total, vats, current, others, bad } = proposal;
  const lines: string[] = [];
  if (vats === 0) lines.push('No vat runs in xsnap, and images serve no others.');
  else if (bundles.length === 0) {
    lines.push(
      `${countOf(vats, 'vat')} in xsnap: too few share modules for an image to save work.`,
    );
  } else {
    const rows = bundles.map(each => [
      each.vats.length,
      each.sharing.length,
      savingText(each.added),
      savingText(each.saving),
      current.includes(each.bundleID) ? 'yes' : 'no',
      each.bundleID,
    ]);
    const headings = ['vats', 'sharing', 'adds to the image', 'saves', 'known now', 'bundle'];
    lines.push(
      formatTable(headings, rows),
      '',
      `If all vats start once, this saves ${savingText(saving)} of ${savingText(total)}.`,
      'At the next epoch, pass:',
      '',
      `  swingset-kernel run --home ${home} --epoch <epoch> \\`,
      `    ${flagsOf(proposal).join(' \\\n    ')}`,
    );
  }
  const dropped = current.filter(id => !bundles.some(({ bundleID }) => bundleID === id));
  for (const bundleID of dropped) {
    lines.push('', `The present image knows ${bundleID}, which this list leaves out.`);
  }
  if (others > 0) {
    const which = countOf(others, 'other bundle');
    lines.push(
      '',
      `${which} installed. If vats import them themselves, as contract facets do,`,
      'an image can know them as well: add --image-bundles for each.',
    );
  }
  for (const { bundleID, problem } of bad) lines.push('', `${bundleID} can't be known: ${problem}`);
  return lines.join('\n');
};

export const epochImagesCommand = async (
  { home, json }: EpochImagesArgs,
  { print }: { readonly print: (text: string) => void },
): Promise<void> => {
  const proposal = await lookAtStore(home, ({ kernelStorage }) => proposeImage(kernelStorage));
  const value = { ...proposal, flags: flagsOf(proposal) };
  print(json ? JSON.stringify(value, null, 2) : proposalText(proposal, home));
};
