/** What `run` was given for a new swingset although there was one. */
import type { RunArgs } from './args.js';

/**
 * A sentence that names what was not read, or nothing. It is a warning and no error, so that the
 * command that made a swingset can be repeated.
 */
export const unreadWarnings = ({
  home,
  config,
  argv,
  worker,
}: Pick<RunArgs, 'home' | 'config' | 'argv' | 'worker'>): readonly string[] => {
  const given = [
    ...(config === undefined ? [] : [config]),
    ...(worker === undefined ? [] : [`--worker ${worker}`]),
    ...(argv.length === 0 ? [] : [`-- ${argv.join(' ')}`]),
  ];
  if (given.length === 0) return [];
  const [it, was] = given.length === 1 ? ['it', 'was'] : ['them', 'were'];
  return [
    `${given.join(', ')} ${was} ignored, because there is a swingset in ${home}: ` +
      `omit ${it}, or pass --reset to delete the swingset and make a new one`,
  ];
};
