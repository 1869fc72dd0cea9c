/**
 * The `js` and `ts` blocks of the documentation have the types that this package declares: one
 * program checks all of them, each in the context that `support/snippets.ts` gives it.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { root } from './support/blocks.js';
import { packagePaths } from './support/package-paths.js';
import { programs } from './support/snippets.js';

/** In the tree, so that imports find this project's dependencies. Nothing is written there. */
const folder = join(root, 'spec/docs/snippets');

const readOptions = (): ts.CompilerOptions => {
  const file = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, path => ts.sys.readFile(path)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  return {
    ...options,
    // What a reader's `strict` does not ask for.
    noUncheckedIndexedAccess: false,
    isolatedModules: false,
    paths: Object.fromEntries([...packagePaths].map(([name, source]) => [name, [source]])),
  };
};

/** Problems of texts by file, each with the line where it is. */
const check = (
  texts: ReadonlyMap<string, string>,
): readonly { readonly file: string; readonly line: number; readonly problem: string }[] => {
  const options = readOptions();
  const base = ts.createCompilerHost(options, true);
  const host: ts.CompilerHost = {
    ...base,
    fileExists: path => texts.has(path) || base.fileExists(path),
    readFile: path => texts.get(path) ?? base.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const text = texts.get(path);
      return text === undefined
        ? base.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, text, version, true);
    },
  };
  const ambient = join(root, 'lib/types/ambient.d.ts');
  const program = ts.createProgram([ambient, ...texts.keys()], options, host);
  return [...texts.keys()].flatMap(file => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ start = 0, messageText }) => ({
      file,
      line: (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1,
      problem: ts.flattenDiagnosticMessageText(messageText, ' '),
    }));
  });
};

describe('the snippets of the documentation', () => {
  it('have the types that the package declares', () => {
    const byFile = new Map(
      programs.map((program, index) => [join(folder, `snippet-${index}.ts`), program]),
    );
    const wrong = join(folder, 'wrong.ts');
    const found = check(
      new Map([
        ...[...byFile].map(([file, { text, snippet }]) => {
          const [javaScript = '', typeScript = ''] = snippet.typed ?? [];
          return [file, text.replace(javaScript, typeScript)] as const;
        }),
        // A checker that finds nothing anywhere would find nothing here.
        [wrong, "import { openSwingStore } from 'swingset-kernel';\nopenSwingStore(7);"],
      ]),
    );
    const problems = found.map(({ file, line, problem }) => {
      const program = byFile.get(file);
      if (!program) return `wrong.ts:${line}: ${problem}`;
      const { block, pageLine } = program;
      return `${block.page}:${pageLine(line) ?? `${block.line}, in its context`}: ${problem}`;
    });
    expect(problems).to.deep.equal([
      "wrong.ts:2: Argument of type 'number' is not assignable to parameter of type 'string'.",
    ]);
  });
});
