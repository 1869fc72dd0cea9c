// A vat without liveslots: takes deliveries and makes syscalls itself.
export const setup = (syscall, _state, helpers, vatPowers) => {
  let seen = 0;
  return ([type, ...details]) => {
    seen += 1;
    vatPowers.testLog(`${helpers.vatID} ${type} ${seen}`);
    if (type === 'startVat') syscall.vatstoreSet('started', 'yes');
    if (type !== 'message') return;
    const [, { methargs, result }] = details;
    const started = syscall.vatstoreGet('started');
    if (methargs.body.includes('fail')) throw Error(`failing as ${started}`);
    const body = JSON.stringify([started ?? 'never', seen]);
    syscall.resolve([[result, false, { body: `#${body}`, slots: [] }]]);
  };
};
