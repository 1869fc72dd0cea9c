#!/usr/bin/env node
// In a checkout (tsconfig.json is not published) the sources run through tsx, so that there is
// no build to forget; an installed package runs what was compiled into dist.
import { existsSync } from 'node:fs';

const inCheckout = existsSync(new URL('../tsconfig.json', import.meta.url));
if (inCheckout) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(inCheckout ? '../lib/cli/main.ts' : '../dist/cli/main.js');
