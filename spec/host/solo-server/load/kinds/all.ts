import type { Kind } from './kind.js';
import { malformed } from './malformed.js';
import { slow } from './slow.js';
import { strangers } from './strangers.js';
import { webSockets } from './websockets.js';
import { wire } from './wire.js';
import { work } from './work.js';

export const kinds: readonly Kind[] = [
  ...work,
  ...strangers,
  ...malformed,
  ...wire,
  ...slow,
  ...webSockets,
];
