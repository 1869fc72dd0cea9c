/* global issueCommand, compileModuleAhead -- of an xsnap worker */
// A script for the start compartment of a worker that is locked down. Defines `runProbe`, which
// loads a probe's modules in order, each probe in compartments of its own, and sends the answers.

const answerOf = async (compartment, specifier) => {
  try {
    const { namespace } = await compartment.import(specifier);
    return await namespace.answer;
  } catch (error) {
    // A program may throw anything.
    return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
  }
};

const makeProbed = (name, records, globals) => {
  const find = specifier => {
    const record = records[specifier];
    if (!record) throw Error(`no module ${specifier}`);
    return { record, specifier };
  };
  return new Compartment({
    __options__: true,
    name,
    globals,
    resolveHook: specifier => specifier,
    importHook: async specifier => find(specifier),
    importNowHook: find,
  });
};

const report = value => {
  issueCommand(new TextEncoder().encode(JSON.stringify(value)).buffer);
};

/** Compiles programs for compartments like those of probes. */
globalThis.knowPrograms = programs => {
  const { globalThis: sample } = makeProbed('sample', {}, { meeting: 0, globalName: '' });
  report(programs.map(program => compileModuleAhead(program, sample)));
};

globalThis.runProbe = async ({ records, order, compartments }) => {
  const answers = [];
  // What all compartments of a probe can reach, as vats reach what their supervisor gives them.
  const meeting = harden({ places: new Map(), nothing: () => {} });
  for (let count = 1; count <= compartments; count += 1) {
    const compartment = makeProbed(`probe${count}`, records, { meeting, globalName: `g${count}` });
    const load = specifier => compartment.importNow(specifier);
    meeting.places.set('load', load);
    for (const specifier of order) answers.push(await answerOf(compartment, specifier));
  }
  report(answers);
};
