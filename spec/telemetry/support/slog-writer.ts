/** Writes numbered entries to a slog file until it is killed: `slog-writer.ts <file> <first>`. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeSlogFile } from '../../../lib/telemetry/slog-file.js';

const [path = '', first = '0'] = process.argv.slice(2);
const { slogSender } = makeSlogFile(path, { maxBytes: 20_000, keep: 1_000_000 });
for (let index = Number(first); ; index += 1) {
  slogSender({ type: 'numbered', index, text: 'x'.repeat(index % 1000) });
  if (index % 50 === 0) await nextTurn();
}
