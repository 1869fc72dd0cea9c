/**
 * A vat without liveslots that hoards: rows in its vatstore, and exports that it sends to others.
 */
export default function setup(syscall) {
  return ([type, , message]) => {
    if (type !== 'message') return;
    const [method, [from, count]] = JSON.parse(message.methargs.body.slice(1));
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    if (method === 'fill') {
      for (const index of numbers) {
        syscall.vatstoreSet(`row.${String(index).padStart(6, '0')}`, `value ${index}`);
      }
    } else if (method === 'export') {
      const [target] = message.methargs.slots;
      const slots = numbers.map(index => `o+${10 + index}`);
      const names = slots.map((_, index) => `$${index}`);
      syscall.send(target, { body: `#${JSON.stringify(['take', [0, 0, names]])}`, slots });
    }
    if (message.result) {
      syscall.resolve([[message.result, false, { body: `#${count}`, slots: [] }]]);
    }
  };
}
