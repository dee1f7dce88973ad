/** Probes that go along every edge of a diagram: each decision of a filter is taken both ways. */
import { type Bdd, highOf, levelOf, lowOf, type Root } from "../../src/authority/bdd.ts";
import type { Random } from "../support/random.ts";
import { addProbe, type Probes, setLevel } from "./probes.ts";

const terminals = 2;

/** The part of a set that one entry sees; the entry's variables come first. */
function ofEntry(bdd: Bdd, root: Root, entry: number): Root {
  let at = root;
  for (let level = 0; level < 2; level++) {
    if (levelOf(bdd, at) === level) at = (entry >> (1 - level)) & 1 ? highOf(bdd, at) : lowOf(bdd, at);
  }
  return at;
}

/** For each node the edge by which it was first reached: twice the parent, and 1 for its high side; 0 for the root. */
function parentsOf(bdd: Bdd, root: Root): ReadonlyMap<Root, number> {
  const parents = new Map<Root, number>([[root, 0]]);
  for (const node of parents.keys()) {
    if (node < terminals) continue;
    for (const [side, child] of [lowOf(bdd, node), highOf(bdd, node)].entries())
      if (!parents.has(child)) parents.set(child, node * 2 + side);
  }
  return parents;
}

/** Fills what a call has no decision about; the fields are words of 32 bits. */
function fill(probes: Probes, start: number, random: Random): void {
  const kind = random.below(3);
  for (let word = 1; word < 14; word++)
    probes.words[start + word] = kind === 0 ? 0 : kind === 1 ? random.word() : 0xffffffff;
}

/**
 * Adds a probe for each edge that a call of this entry can take: down to it by a shortest way, along it, and then on by
 * chance to an end. Gives how many edges there are.
 */
export function addEdges(bdd: Bdd, root: Root, entry: number, random: Random, probes: Probes): number {
  const top = ofEntry(bdd, root, entry);
  const parents = parentsOf(bdd, top);
  let edges = 0;
  for (const node of parents.keys()) {
    if (node < terminals) continue;
    for (const side of [0, 1]) {
      edges++;
      const start = addProbe(probes, entry);
      fill(probes, start, random);
      for (let edge = node * 2 + side; edge !== 0; edge = parents.get(edge >> 1) ?? 0)
        setLevel(probes, start, levelOf(bdd, edge >> 1), (edge & 1) === 1);
      let at = side === 1 ? highOf(bdd, node) : lowOf(bdd, node);
      while (at >= terminals) {
        const high = random.below(2) === 1;
        setLevel(probes, start, levelOf(bdd, at), high);
        at = high ? highOf(bdd, at) : lowOf(bdd, at);
      }
    }
  }
  return edges;
}
