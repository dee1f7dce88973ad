/** What a set of system calls holds, as a list of the language, by the names of x86_64 and what it says of other entries. */
import {
  type Bdd,
  highOf,
  intersection,
  levelOf,
  lowOf,
  never,
  type Root,
  without,
} from "../../authority/bdd.ts";
import { describeCall, entries, leastCall, ofEntry, ofNumber, possibleCalls } from "../../authority/calls.ts";
import { systemCall, systemCalls } from "../../linux/index.ts";

/** How many alternatives of a call's arguments are written out. */
const mostAlternatives = 8;

/** Bits of the six arguments that an alternative fixes: per argument a mask and a value. */
type Cube = readonly { readonly mask: bigint; readonly value: bigint }[];

const firstArgumentLevel = 34;

/** The alternatives of a set, in its diagram's order; undefined when there are too many. */
function cubesOf(bdd: Bdd, root: Root): readonly Cube[] | undefined {
  const out: Cube[] = [];
  const fixed = new Map<number, 0 | 1>();
  const visit = (node: Root): boolean => {
    if (node === never) return true;
    const level = levelOf(bdd, node);
    if (level >= bdd.variables) {
      if (out.length >= mostAlternatives) return false;
      out.push(
        Array.from({ length: 6 }, (_, argument) => {
          let mask = 0n;
          let value = 0n;
          for (let bit = 0; bit < 64; bit++) {
            const found = fixed.get(firstArgumentLevel + argument * 64 + 63 - bit);
            if (found === undefined) continue;
            mask |= 1n << BigInt(bit);
            if (found === 1) value |= 1n << BigInt(bit);
          }
          return { mask, value };
        }),
      );
      return true;
    }
    for (const [bit, next] of [
      [0, lowOf(bdd, node)],
      [1, highOf(bdd, node)],
    ] as const) {
      fixed.set(level, bit);
      if (!visit(next)) return false;
    }
    fixed.delete(level);
    return true;
  };
  return visit(root) ? out : undefined;
}

const all32 = 0xffff_ffffn;
const all64 = 0xffff_ffff_ffff_ffffn;
const number = (value: bigint): string => (value > 9n ? `0x${value.toString(16)}` : `${value}`);

function cubeText(name: string, cube: Cube): string {
  const parameters = systemCall(name)?.parameters ?? [];
  const conditions = cube.flatMap(({ mask, value }, at) => {
    if (mask === 0n) return [];
    const argument = parameters[at]?.name ?? `arg${at}`;
    const whole = mask === all32 || mask === all64;
    return [whole ? `${argument} = ${number(value)}` : `${argument} & ${number(mask)} = ${number(value)}`];
  });
  return conditions.length === 0 ? name : `${name}(${conditions.join(", ")})`;
}

/** The calls of a set by the names of x86_64. */
export function callList(bdd: Bdd, root: Root): readonly string[] {
  return [...systemCalls().keys()].sort().flatMap((name) => {
    const at = systemCall(name)?.numbers.x86_64;
    if (at === undefined) return [];
    const one = ofNumber(bdd, "x86_64", at);
    const permitted = intersection(bdd, root, one);
    if (permitted === never) return [];
    if (without(bdd, one, permitted) === never) return [name];
    const cubes = cubesOf(bdd, permitted);
    return cubes ? [...new Set(cubes.map((cube) => cubeText(name, cube)))] : [`${name}(…)`];
  });
}

/** Remarks on other entries into the kernel that are open too. */
export function otherEntries(bdd: Bdd, root: Root): readonly string[] {
  return entries
    .filter((entry) => entry !== "x86_64")
    .flatMap((entry) => {
      const own = intersection(
        bdd,
        root,
        intersection(bdd, ofEntry(bdd, entry), possibleCalls(bdd, [entry])),
      );
      const call = leastCall(bdd, own);
      return call ? [`# and calls of ${entry}, as ${describeCall(call)}`] : [];
    });
}
