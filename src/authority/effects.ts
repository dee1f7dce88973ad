/**
 * What rules of paths do to rights. A rule takes effect where a path matches its pattern, for all that lies below; rules of
 * one place take effect in the order shield, set, grant, and denials last beyond all of them. Layers do not see each other.
 */
import { everyRight, type Rights } from "./paths.ts";

/** What a rule does at the paths that its pattern matches, and below. */
export type Effect =
  /** Adds rights; `alone` to the path itself, which is a file, and not below it. */
  | { readonly kind: "grant"; readonly rights: Rights; readonly alone?: boolean }
  /** Takes the place of what was granted above: what a mount does to the tree that it covers. The last one of a place counts. */
  | { readonly kind: "set"; readonly rights: Rights }
  /** Takes away what was granted strictly above; what is granted here or below stands. */
  | { readonly kind: "shield" }
  /** Takes rights away, whatever grants them. */
  | { readonly kind: "deny"; readonly rights: Rights };

/** The effect of a rule of a layer. */
export interface Layered {
  readonly effect: Effect;
  readonly layer: number;
}

/** What has taken effect in one layer on the way to a path. */
export interface Standing {
  readonly layer: number;
  readonly granted: Rights;
  readonly denied: Rights;
}

/** What may yet be granted, layer by layer, and a text that is equal where the same may. */
export interface Adds {
  readonly byLayer: ReadonlyMap<number, Rights>;
  readonly text: string;
}

/** What all effects of one place do to what was granted above it. */
interface Change {
  /** What is left of it: everything or nothing. */
  readonly kept: Rights;
  readonly granted: Rights;
  /** Granted to the path itself, and not below it. */
  readonly alone: Rights;
  readonly denied: Rights;
}

/** What the rules of one place change, layer by layer. */
export type Changes = readonly (readonly [layer: number, change: Change])[];

function changeBy(effects: readonly Effect[]): Change {
  let [kept, granted, alone, denied] = [-1, 0, 0, 0];
  if (effects.some(({ kind }) => kind === "shield")) kept = 0;
  for (const effect of effects) if (effect.kind === "set") [kept, granted] = [0, effect.rights];
  for (const effect of effects) {
    if (effect.kind === "grant" && effect.alone) alone |= effect.rights;
    else if (effect.kind === "grant") granted |= effect.rights;
    else if (effect.kind === "deny") denied |= effect.rights;
  }
  return { kept, granted, alone, denied };
}

/** What the rules of one place, in their order, change. */
export function changesBy(rules: readonly Layered[]): Changes {
  const effects = new Map<number, Effect[]>();
  for (const { effect, layer } of rules) {
    const own = effects.get(layer);
    if (own) own.push(effect);
    else effects.set(layer, [effect]);
  }
  return [...effects].map(([layer, list]) => [layer, changeBy(list)] as const);
}

/** What some rules may grant, and what may be anyway. */
export function addsOf(rules: readonly Layered[], before?: Adds): Adds {
  const byLayer = new Map(before?.byLayer);
  for (const { effect, layer } of rules)
    if (effect.kind === "grant" || effect.kind === "set")
      byLayer.set(layer, (byLayer.get(layer) ?? 0) | effect.rights);
  return { byLayer, text: [...byLayer].map(([layer, rights]) => layer * (everyRight + 1) + rights).join() };
}

/** Standings after some changes. */
export function changed(above: readonly Standing[], changes: Changes): readonly Standing[] {
  if (changes.length === 0) return above;
  const byLayer = new Map(above.map((standing) => [standing.layer, standing]));
  for (const [layer, change] of changes) {
    const { granted = 0, denied = 0 } = byLayer.get(layer) ?? {};
    byLayer.set(layer, {
      layer,
      granted: (granted & change.kept) | change.granted,
      denied: denied | change.denied,
    });
  }
  return [...byLayer.values()];
}

/** What of standings matters yet: where a layer can add nothing any more, what it denies is only what it has not granted. */
export function simplified(standings: readonly Standing[], { byLayer: adds }: Adds): readonly Standing[] {
  const kept: Standing[] = [];
  for (const { layer, granted: all, denied: ever } of standings) {
    const granted = all & ~ever;
    const denied = ever & (adds.get(layer) ?? 0);
    if (granted !== 0 || denied !== 0) kept.push({ layer, granted, denied });
  }
  return kept.sort((a, b) => a.layer - b.layer);
}

/** The rights at a path, with those that are granted to it alone. */
export function rightsIn(standings: readonly Standing[], changes: Changes): Rights {
  let rights = 0;
  for (const { granted, denied } of standings) rights |= granted & ~denied;
  for (const [layer, { alone }] of changes)
    if (alone !== 0) rights |= alone & ~(standings.find((one) => one.layer === layer)?.denied ?? 0);
  return rights;
}

/** Whether nothing is granted, and nothing may yet be. */
export function isNothing(standings: readonly Standing[], { byLayer: adds }: Adds): boolean {
  if (standings.some(({ granted }) => granted !== 0)) return false;
  for (const [layer, added] of adds)
    if ((added & ~(standings.find((one) => one.layer === layer)?.denied ?? 0)) !== 0) return false;
  return true;
}

/** Whether a rule that takes effect below a place can change anything there. */
export function isOfUse(
  { effect, layer }: Layered,
  standings: readonly Standing[],
  { byLayer: adds }: Adds,
): boolean {
  const { granted = 0, denied = 0 } = standings.find((one) => one.layer === layer) ?? {};
  const open = granted | ((adds.get(layer) ?? 0) & ~denied);
  if (effect.kind === "deny") return (effect.rights & open) !== 0;
  if (effect.kind === "grant") return (effect.rights & ~denied) !== 0;
  return open !== 0;
}
