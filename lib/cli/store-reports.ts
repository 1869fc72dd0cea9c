/** What the `store` commands print. */
import type { StoreStats } from '../store/stats.js';
import type { VerifyReport } from '../store/verify.js';
import { formatTable } from './table.js';

const KIB = 1024;

/** Such as `980 B`, `12.3 KiB`, `4.5 MiB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < KIB) return `${bytes} B`;
  const inKiB = bytes / KIB;
  return inKiB < KIB ? `${inKiB.toFixed(1)} KiB` : `${(inKiB / KIB).toFixed(1)} MiB`;
};

export const verifyText = ({ ok, problems, checked }: VerifyReport): string => {
  const { spans, snapshots, bundles } = checked;
  const counts = `${spans} transcript spans, ${snapshots} snapshots, ${bundles} bundles checked`;
  if (ok && problems.length === 0) return `${counts}: all well`;
  const rows = problems.map(({ kind, thing, detail, remedy }) => [kind, thing, detail, remedy]);
  return `${counts}\n\n${formatTable(['kind', 'thing', 'problem', 'remedy'], rows)}`;
};

export const statsText = ({ file, kernelKV, vats, bundles, images }: StoreStats): string => {
  const size = ({ count, bytes }: { count: number; bytes: number }) =>
    `${count} (${formatBytes(bytes)})`;
  const rows = Object.entries(vats).map(([vatID, vat]) => [
    vatID,
    size(vat.kv),
    size(vat.currentItems),
    size(vat.oldItems),
    size(vat.snapshots),
  ]);
  return [
    `file ${formatBytes(file.bytes)}, of it free ${formatBytes(file.freeBytes)}; journal ${formatBytes(file.journalBytes)}`,
    `kernel keys ${size(kernelKV)}, bundles ${size(bundles)}, platform images ${size(images)}`,
    '',
    formatTable(['vat', 'keys', 'transcript', 'old transcript', 'snapshots'], rows),
  ].join('\n');
};
