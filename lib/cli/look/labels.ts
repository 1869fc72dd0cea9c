/** Lines of labels and values, and words for platforms, that the pages about vats share. */
import stringWidth from 'string-width';
import type { NamedPlatform, VatPlatformDetail } from '../../host/vat-platform.js';
import { printable } from '../../printable.js';

/** Cut to so many cells. Undefined: any width will do. */
export const cutTo = (text: string, width: number | undefined): string => {
  if (width === undefined || stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += stringWidth(char);
    if (used >= width) break;
    kept += char;
  }
  return `${kept}…`;
};

export type LabelledLine = readonly [label: string, value: string | undefined];

/** One line for each pair with a value, cut to the width of the terminal. */
export const labelledLines = (
  lines: readonly LabelledLine[],
  width: number | undefined,
): readonly string[] => {
  const given = lines.filter(([, value]) => value !== undefined);
  const column = Math.max(0, ...given.map(([label]) => label.length)) + 2;
  return given.map(([label, value = '']) =>
    cutTo(`${label.padEnd(column)}${printable(value)}`, width),
  );
};

/** `v7 seven`. */
export const vatLabel = ({
  vatID,
  name,
}: {
  readonly vatID: string;
  readonly name: string | undefined;
}): string => (name === undefined ? vatID : printable(`${vatID} ${name}`));

/** In tables. */
export const shortPlatform = (platform: VatPlatformDetail): string =>
  platform.worker === 'local' ? 'local' : platform.id;

/** How much of a bundleID is enough to tell bundles apart. */
const BUNDLE_DIGITS = 11;

const shortBundle = (bundleID: string | null): string =>
  bundleID === null ? 'none' : bundleID.slice(0, BUNDLE_DIGITS);

/** The parts of a platform in one line. */
export const platformLine = (platform: NamedPlatform): string => {
  const { id, engine, lockdown, supervisor, imageBundles } = platform;
  return [
    `${id}: ${engine ?? 'engine not recorded'}`,
    `lockdown ${shortBundle(lockdown)}`,
    `supervisor ${shortBundle(supervisor)}`,
    ...(imageBundles.length > 0 ? [`${imageBundles.length} bundles in its image`] : []),
  ].join(', ');
};
