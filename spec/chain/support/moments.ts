/** Where an application of `main.ts` may die. */
export const blockMoments = [
  'before the block',
  'before the reply',
  'before the commit',
  'after the commit',
] as const;

export const restoreMoments = [
  'a snapshot was offered',
  'before a chunk is applied',
  'after a chunk was applied',
] as const;

export type Moment =
  | 'initialized'
  | 'a chunk was read'
  | 'in the midst of the restart'
  | (typeof blockMoments)[number]
  | (typeof restoreMoments)[number];
