/**
 * A vat with a dispatch of its own, as comms is: everything is in its vatstore, and a worker can be
 * replaced between any two deliveries. `add` counts; `later` makes a promise that `settle` resolves.
 */
const ok = body => ({ body: JSON.stringify(body), slots: [] });

export default function setup(syscall) {
  const get = key => syscall.vatstoreGet(key);
  const methods = {
    add(result) {
      const count = Number(get('count') ?? 0) + 1;
      syscall.vatstoreSet('count', `${count}`);
      syscall.resolve([[result, false, ok(count)]]);
    },
    later(result) {
      syscall.vatstoreSet('later', result);
    },
    settle(result) {
      syscall.resolve([
        [get('later'), false, ok('settled')],
        [result, false, ok('done')],
      ]);
    },
    starts(result) {
      syscall.resolve([[result, false, ok(Number(get('starts')))]]);
    },
  };
  return ([type, ...rest]) => {
    if (type === 'startVat') syscall.vatstoreSet('starts', `${Number(get('starts') ?? 0) + 1}`);
    if (type !== 'message') return;
    const [, { methargs, result }] = rest;
    const [method] = JSON.parse(methargs.body.replace(/^#/, ''));
    methods[method](result);
  };
}
