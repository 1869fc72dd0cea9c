/**
 * For `node --import`: another installation of `@agoric/xsnap`, that below the directory OTHER_XSNAP,
 * stands for the one of this project.
 */
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const parentURL = pathToFileURL(`${process.env['OTHER_XSNAP']}/package.json`).href;

const hooks = `
  const isXsnap = /^@agoric\\/xsnap(\\/|$)/;
  export const resolve = (specifier, context, next) =>
    next(specifier, isXsnap.test(specifier) ? { ...context, parentURL: ${JSON.stringify(parentURL)} } : context);
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
