/**
 * Exports from elsewhere: `importSwingStore` of a store whose export data and artifacts are changed.
 * What gets in must be a store that exports the same again.
 */
import type { ArtifactMode } from '../../../lib/store/artifact-mode.js';
import { makeSwingStoreExporter, type SwingStoreExporter } from '../../../lib/store/exporter.js';
import { importSwingStore } from '../../../lib/store/importer.js';
import type { ImportSource } from '../../../lib/store/import-steps.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { verifyStore } from '../../../lib/store/verify.js';
import { isSwingStore } from '../../../lib/store/directory.js';
import { collect, runCrankScript, runVatScript } from '../../store/support/script.js';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insist, resultOf } from '../oracle.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';

const MODES: readonly ArtifactMode[] = ['operational', 'replay', 'archival', 'debug'];

interface Export {
  readonly mode: ArtifactMode;
  /** `[key, value]`. */
  readonly data: readonly (readonly [string, string])[];
  /** `[name, chunks]`, which stand for bytes. */
  readonly artifacts: readonly (readonly [string, readonly string[]])[];
}

/** Artifacts come in chunks of this size, so that some have several. */
const CHUNK = 64;

const chunksOf = (text: string): readonly string[] =>
  text.match(new RegExp(`[^]{1,${CHUNK}}`, 'g')) ?? [];

const readExport = async (exporter: SwingStoreExporter, mode: ArtifactMode): Promise<Export> => {
  const data: [string, string][] = [];
  for await (const [key, value] of exporter.getExportData()) data.push([key, value]);
  const artifacts: [string, readonly string[]][] = [];
  for await (const name of exporter.getArtifactNames()) {
    artifacts.push([
      name,
      chunksOf((await collect(exporter.getArtifact(name))).toString('latin1')),
    ]);
  }
  await exporter.close();
  return { mode, data, artifacts };
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (isList(value) ? value : [value]);

/** An exporter that gives whatever the input says. Only its own form is kept. */
const asSource = (input: Input): { readonly mode: ArtifactMode; readonly source: ImportSource } => {
  const given = (input ?? {}) as Partial<Record<keyof Export, unknown>>;
  const artifacts = listOf(given.artifacts).map(listOf);
  const source = {
    getExportData: () => given.data,
    getArtifactNames: () => artifacts.map(([name]) => name),
    getArtifact: (name: string) => {
      const found = artifacts.find(([each]) => each === name) ?? [];
      const [, chunks] = found;
      if (!isList(chunks)) return chunks;
      return chunks.map(chunk =>
        typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk,
      );
    },
  };
  const mode = MODES.includes(given.mode as ArtifactMode) ? given.mode : 'operational';
  return { mode: mode as ArtifactMode, source: source as unknown as ImportSource };
};

const start = async (): Promise<Session> => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-import-'));
  const original = join(folder, 'original');
  const { kernelStorage, hostStorage, debug } = openSwingStore(original, { keepSnapshots: true });
  const made = { kernelStorage, hostStorage, debug };
  await runVatScript(made);
  runCrankScript(made);
  await hostStorage.commit();
  await hostStorage.close();
  const corpus: Export[] = [];
  for (const mode of MODES) {
    corpus.push(await readExport(makeSwingStoreExporter(original, { artifactMode: mode }), mode));
  }
  let count = 0;

  const attempt = async (input: Input): Promise<string> => {
    const { mode, source } = asSource(input);
    count += 1;
    const target = join(folder, `import-${count}`);
    try {
      const result = await resultOf(() => importSwingStore(source, target, { artifactMode: mode }));
      if ('code' in result) {
        insist(!isSwingStore(target), `${result.code}, and a store is left`);
        return result.code;
      }
      await result.value.hostStorage.commit();
      await result.value.hostStorage.close();
      const { problems } = await verifyStore(target);
      insist(problems.length === 0, `an import gave a bad store: ${JSON.stringify(problems[0])}`);
      const first = await readExport(makeSwingStoreExporter(target, { artifactMode: mode }), mode);
      const copy = `${target}-copy`;
      const again = await importSwingStore(asSource(first as unknown as Input).source, copy, {
        artifactMode: mode,
      });
      await again.hostStorage.commit();
      await again.hostStorage.close();
      const second = await readExport(makeSwingStoreExporter(copy, { artifactMode: mode }), mode);
      insist(JSON.stringify(first) === JSON.stringify(second), 'an import exports something else');
      return ACCEPTED;
    } finally {
      for (const name of readdirSync(folder)) {
        if (name !== 'original') rmSync(join(folder, name), { recursive: true, force: true });
      }
    }
  };

  return {
    corpus: corpus as unknown as readonly Input[],
    attempt,
    end: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

export const importArtifacts: Target = {
  name: 'import',
  what: 'importSwingStore: export data and artifacts from elsewhere',
  words: [
    ...[
      'operational',
      'replay',
      'archival',
      'debug',
      'kv.host.height',
      'kv.local.x',
      'kv.a',
      'kv.',
    ],
    ...[
      'snapshot.v2.current',
      'snapshot.v2.2',
      'snapshot.v2.4',
      'transcript.v2.current',
      'bundle.',
    ],
    ...[
      'transcript.v2.0',
      'transcript.v2.0.4',
      'v2',
      'v3',
      '"inUse":1',
      '"isCurrent":1',
      '\n',
      '"',
    ],
    ...['"startPos":0', '"endPos":4', '"incarnation":1', '"hash":"', '0'.repeat(64)],
  ],
  start,
};
