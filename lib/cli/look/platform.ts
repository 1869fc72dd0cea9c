/** `swingset-kernel platform`: what is installed, what the store records, what vats run on. */
import { lookAtStore } from '../../host/look-at-store.js';
import { readPlatformStatus } from '../../host/platform-status.js';
import type { PlatformGroup, PlatformStatus } from '../../host/platform-status.js';
import { printable } from '../../printable.js';
import { inFlags } from '../flag-words.js';
import { cutTo, labelledLines, platformLine } from './labels.js';
import type { PlatformArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

const groupLines = (
  { platform, images, vats }: PlatformGroup,
  width: number | undefined,
): readonly string[] => [
  '',
  cutTo(
    platform.worker === 'local'
      ? "local: the kernel's own process"
      : printable(platformLine(platform)),
    width,
  ),
  cutTo(`  ${vats.length} vats: ${vats.join(', ')}`, width),
  ...images.map(({ imageID, isInStore }) =>
    cutTo(`  image ${imageID}${isInStore ? '' : ' (not in the store: it is made again)'}`, width),
  ),
];

const bootLine = ({ boot }: PlatformStatus): string =>
  boot.decision === 'refused'
    ? `a boot without a new epoch is refused: ${inFlags(boot.reason)}`
    : 'a boot without a new epoch is accepted';

const statusText = (status: PlatformStatus, width: number | undefined): string => {
  const { installed, recorded, changes, groups, boot } = status;
  return [
    ...labelledLines(
      [
        ['installed', `${installed.kind}, ${installed.id}`],
        ['engine', installed.engine ?? undefined],
        ['lockdown', installed.lockdown ?? undefined],
        ['supervisor', installed.supervisor ?? undefined],
        [
          'recorded',
          recorded
            ? `${recorded.kind}, ${recorded.id}, at epoch ${recorded.epoch} (${recorded.status})`
            : 'nothing: the store is older than epochs',
        ],
      ],
      width,
    ),
    ...changes.map(({ part, stored, running }) =>
      printable(`${part} differs: ${stored} is recorded, ${running} is installed`),
    ),
    ...groups.flatMap(group => groupLines(group, width)),
    '',
    printable(bootLine(status)),
    ...(boot.decision === 'accepted'
      ? boot.warnings.map(warning => `warning: ${printable(inFlags(warning))}`)
      : []),
  ].join('\n');
};

export const platformCommand = async (
  { home, json }: PlatformArgs,
  { print, columns, fail }: LookIO,
): Promise<void> => {
  const status = await lookAtStore(home, ({ kernelStorage }) => readPlatformStatus(kernelStorage));
  print(json ? JSON.stringify(status, null, 2) : statusText(status, columns));
  if (status.boot.decision === 'refused') fail();
};
