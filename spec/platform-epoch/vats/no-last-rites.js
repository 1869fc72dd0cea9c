/** A vat with a dispatch of its own that answers every message, and fails at bringOutYourDead. */
export default function setup(syscall) {
  return async delivery => {
    if (delivery[0] === 'bringOutYourDead') throw Error('I keep my dead');
    if (delivery[0] !== 'message') return;
    const [, , { result }] = delivery;
    if (result) syscall.resolve([[result, false, { body: '#"here"', slots: [] }]]);
  };
}
