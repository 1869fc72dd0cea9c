/**
 * A vat without liveslots that takes messages for its unresolved promises, as comms does: it keeps
 * them until it knows where they go, and then sends them on as they are.
 */
export default function setup(syscall) {
  const undecided = [];
  const early = [];
  const answer = (result, value, slots = []) =>
    syscall.resolve([[result, false, { body: `#${JSON.stringify(value)}`, slots }]]);
  return delivery => {
    const [type, target, message] = delivery;
    if (type !== 'message') return;
    const { methargs, result } = message;
    const [method] = JSON.parse(methargs.body.slice(1));
    if (target !== 'o+0') {
      early.push({ target, method, methargs, result });
      return;
    }
    switch (method) {
      case 'later':
        undecided.push(result);
        break;
      case 'early':
        answer(
          result,
          early.map(each => [undecided.indexOf(each.target), each.method]),
        );
        break;
      case 'become': {
        const [place] = methargs.slots;
        for (const promise of undecided.splice(0)) answer(promise, '$0.Alleged: contract', [place]);
        for (const each of early.splice(0)) syscall.send(place, each.methargs, each.result);
        answer(result, 'became');
        break;
      }
      default:
        answer(result, 'what?');
    }
  };
}
