import { join } from 'node:path';

/** The directory of the swingstore in the home of a node. */
export const storePathOf = (home: string): string => join(home, 'data', 'swingset');
