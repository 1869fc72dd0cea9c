/**
 * A vat without liveslots: makes whatever syscalls the message tells it to, so that specs can see
 * what the kernel makes of a vat that keeps to no rules.
 */
export default function setup(syscall) {
  return delivery => {
    const [type, , message] = delivery;
    if (type !== 'message') return;
    const [, [steps]] = JSON.parse(message.methargs.body.slice(1));
    for (const [name, ...args] of steps ?? []) syscall[name](...args);
    if (message.result) {
      syscall.resolve([[message.result, false, { body: '#"done"', slots: [] }]]);
    }
  };
}
