import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const lib = fileURLToPath(new URL('../lib', import.meta.url));

/** The files of lib, and which of them each imports, types included. */
const readImports = (): ReadonlyMap<string, readonly string[]> => {
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(path =>
    /\.(ts|js)$/.test(path),
  );
  const known = new Set(files);
  const importsOf = (file: string): readonly string[] =>
    ts
      .preProcessFile(readFileSync(join(lib, file), 'utf8'))
      .importedFiles.map(({ fileName }) => fileName)
      .filter(name => name.startsWith('.'))
      .map(name => normalize(join(dirname(file), name)))
      // The supervisor's sources name modules that their packages do not export.
      .filter(path => !path.startsWith('../node_modules/'))
      .map(path => (known.has(path) ? path : path.replace(/\.js$/, '.ts')));
  return new Map(files.map(file => [file, importsOf(file)]));
};

/** One circle, as the files along it, or nothing. */
const findCircle = (
  graph: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
};

describe('imports in lib', () => {
  it('form no circle, not even of types', () => {
    const graph = readImports();
    expect(graph.get('index.ts')).to.include('controller/make-controller.ts');
    const others = [...graph.values()].flat().filter(file => !graph.has(file));
    // Modules that their packages do not export.
    expect(others.filter(file => !file.startsWith('../node_modules/'))).to.deep.equal([]);
    expect(findCircle(graph)).to.equal(undefined);
    const knotted = new Map([...graph, ['errors.ts', ['index.ts']]]);
    expect(findCircle(knotted)).to.include('index.ts').and.to.include('errors.ts');
  });
});
