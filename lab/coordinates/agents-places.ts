/**
 * Where the agents of a lab's nodes run: those whose network namespaces are on this machine share one process of it, and
 * every other node has one of its own. Pure.
 */
import type { Endpoint, Nodes } from "./agents-protocol.ts";

/** A node that is up, with what the keeper knows of its network. */
export type LivingNode = Endpoint & { readonly number: number };

export type AgentsPlaceOrder = {
  /** Of a node that has a process of its own; absent for this machine's. */
  readonly node?: string;
  /** Every place draws other random numbers. */
  readonly seedStep: number;
  readonly nodes: Nodes;
};

/** Place → who is there and whom all know. */
export function agentsPlaces(living: readonly LivingNode[]): Map<string, AgentsPlaceOrder> {
  const all = living.map(({ name, address }) => ({ name, address }));
  const places = new Map<string, AgentsPlaceOrder>();
  const put = (place: string, here: readonly LivingNode[], others: Omit<AgentsPlaceOrder, "nodes">) => {
    const endpoints = here.map(({ number: _, ...endpoint }) => endpoint);
    places.set(place, { ...others, nodes: { do: "nodes", here: endpoints, all } });
  };
  const local = living.filter(({ namespacePath }) => namespacePath !== undefined);
  if (local.length > 0) put("", local, { seedStep: 0 });
  for (const each of living) {
    const { name, number, namespacePath } = each;
    if (namespacePath === undefined) put(name, [each], { node: name, seedStep: number + 1 });
  }
  return places;
}
