// The kinds of things that `random-holder.js` and `reclaim-holder.js` hold things with.
export const provideKinds = (VatData, baggage) => {
  const { defineKind, defineDurableKind, defineDurableKindMulti, makeKindHandle } = VatData;
  const provide = (key, make) => {
    if (!baggage.has(key)) baggage.init(key, make());
    return baggage.get(key);
  };
  const kindOf = tag => provide(`kind ${tag}`, () => makeKindHandle(tag));
  const init = (content = null) => ({ content });
  const methods = {
    get: ({ state }) => state.content,
    set: ({ state }, content) => {
      state.content = content;
    },
  };
  return {
    provide,
    makeBox: defineDurableKind(kindOf('box'), init, methods),
    makeKit: defineDurableKindMulti(kindOf('kit'), init, {
      reader: { get: methods.get },
      writer: { set: methods.set },
    }),
    // What a watched promise comes to stands in baggage.
    makeWatcher: defineDurableKind(kindOf('watcher'), () => ({}), {
      onFulfilled: (_context, value, key) => baggage.init(`told ${key}`, value),
      onRejected: (_context, reason, key) => baggage.init(`told ${key}`, reason),
    }),
    makeVirtual: defineKind('virtual', init, methods),
  };
};
