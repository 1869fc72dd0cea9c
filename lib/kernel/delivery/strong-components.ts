/** Strongly connected components of a graph: the sets of nodes that can all reach each other. */

interface Visit<Name> {
  readonly name: Name;
  readonly children: readonly Name[];
  readonly index: number;
  next: number;
  low: number;
}

/**
 * The strongly connected components, each before those that it leads to. A node outside every cycle
 * is a component of its own. Children that are not in the graph are ignored.
 *
 * Source: Tarjan 1972, without recursion, because vats choose how long a chain is.
 */
export const findComponents = <Name>(
  graph: ReadonlyMap<Name, { readonly children: readonly Name[] }>,
): readonly (readonly Name[])[] => {
  const components: Name[][] = [];
  const visits = new Map<Name, Visit<Name>>();
  /** Visited, but not yet assigned to a component. */
  const open: Visit<Name>[] = [];
  const isOpen = new Set<Name>();
  const path: Visit<Name>[] = [];

  const enter = (name: Name, children: readonly Name[]): void => {
    const index = visits.size;
    const visit = { name, children, index, next: 0, low: index };
    visits.set(name, visit);
    open.push(visit);
    isOpen.add(name);
    path.push(visit);
  };

  const leave = (visit: Visit<Name>): void => {
    path.pop();
    const parent = path.at(-1);
    if (parent) parent.low = Math.min(parent.low, visit.low);
    if (visit.low !== visit.index) return;
    const component = open.splice(open.lastIndexOf(visit)).map(({ name }) => name);
    for (const name of component) isOpen.delete(name);
    components.push(component);
  };

  const step = (visit: Visit<Name>): void => {
    const child = visit.children[visit.next];
    visit.next += 1;
    if (child === undefined) return leave(visit);
    const node = graph.get(child);
    if (!node) return undefined;
    const known = visits.get(child);
    if (!known) return enter(child, node.children);
    if (isOpen.has(child)) visit.low = Math.min(visit.low, known.index);
    return undefined;
  };

  for (const [name, { children }] of graph) {
    if (!visits.has(name)) enter(name, children);
    for (let visit = path.at(-1); visit; visit = path.at(-1)) step(visit);
  }
  return components.reverse();
};
