/** Titles of tests, read from the source of spec files. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A pattern of the whole title, with a group for each part that a template leaves open. */
const patternOf = (title: ts.Expression): RegExp | undefined => {
  if (ts.isStringLiteralLike(title)) return RegExp(`^${escape(title.text)}$`);
  if (!ts.isTemplateExpression(title)) return undefined;
  const parts = [title.head, ...title.templateSpans.map(({ literal }) => literal)];
  return RegExp(`^${parts.map(({ text }) => escape(text)).join('(.+)')}$`);
};

/** Tells whether a text is the title of a call of `it`; `…` stands for an open part of a template. */
export const readTitles = (path: string): { readonly has: (title: string) => boolean } => {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const patterns: RegExp[] = [];
  const literals = new Set(['…']);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const [title] = node.arguments;
      const pattern = node.expression.text === 'it' && title && patternOf(title);
      if (pattern) patterns.push(pattern);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return {
    has: title =>
      patterns.some(pattern => {
        const [, ...open] = pattern.exec(title) ?? [];
        return pattern.test(title) && open.every(part => literals.has(part));
      }),
  };
};
