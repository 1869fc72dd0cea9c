/**
 * What is mutated, and the specs that judge it: the nearest ones that are quick, since each mutant
 * runs all tests that reach it. Specs of local workers do where the engine does not matter.
 */
const specs = (folder, ...names) => names.map(name => `spec/${folder}/${name}.spec.ts`);

export const AREAS = {
  tables: {
    mutate: ['lib/state/*.ts'],
    specs: specs('state', 'rows', 'references', 'queues', 'kernel-state', 'crank-buffer'),
    sample: 40,
  },
  state: {
    mutate: ['lib/state/*.ts'],
    specs: [
      ...specs('state', 'check-kernel-state', 'crank-buffer', 'local-statistics'),
      ...specs('kernel', 'messages', 'gc'),
    ],
    sample: 10,
  },
  'state-check': {
    mutate: ['lib/state/check/*.ts'],
    specs: specs('state', 'check-kernel-state'),
    sample: 10,
  },
  gc: {
    mutate: ['lib/kernel/gc/*.ts'],
    specs: specs('kernel', 'interface-names', 'gc'),
    sample: 20,
  },
  decide: {
    mutate: ['decide', 'guard', 'ledger', 'queued-events', 'errors'].map(
      name => `lib/platform-epoch/${name}.ts`,
    ),
    specs: specs('platform-epoch', 'decide', 'guard', 'queued-work'),
    sample: 100,
  },
};
