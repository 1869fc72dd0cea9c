/**
 * What is mutated, and the specs that judge it: the nearest ones that are quick, since each mutant
 * runs all tests that reach it.
 */
const modules = (folder, ...names) => names.map(name => `lib/${folder}/${name}.ts`);
const specs = (folder, ...names) => names.map(name => `spec/${folder}/${name}.spec.ts`);

export const AREAS = {
  // Without a kernel: tens of milliseconds a mutant.
  state: {
    mutate: modules('state', '*'),
    specs: specs('state', 'rows', 'references', 'queues', 'kernel-state', 'crank-buffer'),
    sample: 100,
  },
  gc: {
    mutate: modules('kernel/gc', '*'),
    specs: specs('kernel', 'interface-names', 'reference-counts', 'reclaim-rows'),
    sample: 100,
  },
  decide: {
    mutate: modules('platform-epoch', 'decide', 'errors'),
    specs: specs('platform-epoch', 'decide'),
    sample: 100,
  },
  service: {
    mutate: modules('kernel/vats', 'fate', 'service'),
    specs: specs('kernel', 'fate', 'vat-service'),
    sample: 100,
  },
  // With a kernel of scripted vats: a second a mutant.
  'platform-epoch': {
    mutate: modules('platform-epoch', '*'),
    specs: [
      ...specs('platform-epoch', 'decide', 'restart-fates', 'restart-plan', 'reports'),
      ...specs('kernel', 'forked-storage'),
    ],
    sample: 20,
  },
  cranks: {
    mutate: modules('kernel/cranks', 'sleepers', 'heap-policy'),
    specs: specs('kernel', 'sleepers', 'heap-policy'),
    sample: 100,
  },
  vats: {
    mutate: modules('kernel/vats', '*'),
    specs: [
      ...specs('kernel', 'fate', 'vat-service', 'late-starts', 'incarnations', 'vat-records'),
      ...specs('platform-epoch', 'restart-fates'),
    ],
    sample: 30,
  },
  // With a kernel and local vats: seconds a mutant.
  'state-check': {
    mutate: modules('state/check', '*'),
    specs: specs('state', 'check-kernel-state'),
    sample: 10,
  },
};
