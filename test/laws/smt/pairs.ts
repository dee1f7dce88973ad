/** Pairs of which the one may lie within the other: what something lets through, and what may get through. */
import fc from "fast-check";
import { type Bdd, intersection, type Root, union, without } from "../../../src/authority/bdd.ts";
import { entries, exempt, ofNumber, policyCalls, possibleCalls } from "../../../src/authority/calls.ts";
import { compile } from "../../../src/compile/compile.ts";
import { type Instruction, liftBpf } from "../../../src/lift/bpf.ts";
import { liftSeccomp, readSeccomp } from "../../../src/lift/seccomp.ts";
import { architectures, i386Calls, systemCall, x32Calls } from "../../../src/linux/index.ts";
import type { SystemCalls } from "../../../src/policy/ir.ts";
import { targets } from "../../../src/targets/registry.ts";
import { programs } from "../../kernel/programs.ts";
import { mutant } from "../../mutants/bpf.ts";
import { loosened } from "../../mutants/seccomp.ts";
import type { Random } from "../../support/random.ts";
import { acceptEverything, randomPolicies, worldProject } from "../../support/random-policies.ts";
import { assemble } from "./assemble.ts";
import { filterTerm } from "./filter-term.ts";
import { policyTerm } from "./policy-term.ts";
import { profileTerm } from "./profile-term.ts";
import { and, type EntryName, isCall, not, possible, type Term } from "./terms.ts";

/** A question in both languages: what the one permits beyond the other. */
export interface Pair {
  readonly name: string;
  /** @throws SeccompError, BpfError, BudgetExceeded */
  readonly beyond: (bdd: Bdd) => Root;
  readonly definitions: string;
  readonly term: Term;
}

/** A side of a pair. */
interface Side {
  readonly name: string;
  readonly root: (bdd: Bdd) => Root;
  readonly definitions: string;
  readonly term: Term;
}

/** One number at one entry: what is asked of it alone has an answer that no other call gives as well. */
interface Focus {
  readonly entry: EntryName;
  readonly number: number;
}

function pairOf(inner: Side, outer: Side, focus?: Focus): Pair {
  const domain = (bdd: Bdd): Root => {
    const all = possibleCalls(bdd, entries);
    return focus ? intersection(bdd, all, ofNumber(bdd, focus.entry, focus.number)) : all;
  };
  return {
    name: `${inner.name} within ${outer.name}${focus ? ` for ${focus.number} of ${focus.entry}` : ""}`,
    beyond: (bdd) => without(bdd, intersection(bdd, domain(bdd), inner.root(bdd)), outer.root(bdd)),
    definitions: `${inner.definitions}\n${outer.definitions}`,
    term: and([possible, ...(focus ? [isCall(focus.entry, focus.number)] : []), inner.term, not(outer.term)]),
  };
}

/** The calls that profiles have conditions on, at each entry, and on i386 those that others are behind. */
const conditional = [
  "clone",
  "fcntl",
  "ioctl",
  "mprotect",
  "prctl",
  "socket",
  "socketpair",
  "openat",
  "mmap",
];
const foci: readonly Focus[] = [
  ...conditional.flatMap((name): Focus[] => [
    ...architectures.map((entry) => ({ entry, number: systemCall(name)?.numbers[entry] ?? 0 })),
    { entry: "x86_64", number: x32Calls().get(name) ?? 0 },
    { entry: "i386", number: i386Calls().get(name) ?? 0 },
  ]),
  ...["socketcall", "socketcall", "socketcall", "ipc"].map(
    (name): Focus => ({ entry: "i386", number: i386Calls().get(name) ?? 0 }),
  ),
];

/** Two profiles of which one is the other's mutant, or one call of them. */
function profilePair(text: string, random: Random): Pair {
  const [inner, outer] = [
    profileSide("a profile", loosened(text, random)),
    profileSide("its mutant", loosened(text, random)),
  ];
  return pairOf(inner, outer, random.one(foci));
}

function policySide(at: number, calls: SystemCalls, meaning: "firm" | "soft"): Side {
  const root = (bdd: Bdd): Root => union(bdd, policyCalls(bdd, calls, meaning), exempt(bdd));
  return { name: `policy ${at} (${meaning})`, root, definitions: "", term: policyTerm(calls, meaning) };
}

const profileSide = (name: string, text: string): Side => ({
  name,
  root: (bdd) => liftSeccomp(bdd, readSeccomp(text)),
  definitions: "",
  term: profileTerm(text),
});

function filterSide(name: string, program: readonly Instruction[], prefix: string): Side {
  return { name, root: (bdd) => liftBpf(bdd, program).permitted, ...filterTerm(program, prefix) };
}

/** A policy's calls, and the profile that the compiler makes of it. */
export interface Compiled {
  readonly calls: SystemCalls;
  readonly profile: string;
}

const seccomp = targets.filter(({ name }) => name === "seccomp");

/** Random policies that compile, with different profiles. */
export function compiledPolicies(count: number, seed: number): readonly Compiled[] {
  const found = new Map<string, Compiled>();
  for (const { text } of fc.sample(randomPolicies(acceptEverything), { numRuns: count * 8, seed })) {
    const { artifacts, analysed } = compile(worldProject(text), seccomp);
    const [artifact] = artifacts;
    const calls = analysed.get("linux")?.ir.servers[0]?.systemCalls;
    if (artifact && calls && found.size < count)
      found.set(artifact.content, { calls, profile: artifact.content });
  }
  return [...found.values()];
}

const withOthers = (text: string): string =>
  text.replace('"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"');

/** A mutant that no slot of memory makes invalid, whether it is reached or not: the kernel's checker refuses those. */
function validMutant(program: readonly Instruction[], random: Random): readonly Instruction[] {
  const changed = mutant(program, random);
  const inMemory = ({ code, k }: Instruction): boolean => ![0x02, 0x03, 0x60, 0x61].includes(code) || k < 16;
  return changed.every(inMemory) ? changed : validMutant(program, random);
}

/** The next pair by chance: profiles, filters, and mutants of both, against policies and each other. */
export function randomPair(policies: readonly Compiled[], random: Random): Pair {
  const at = random.below(policies.length);
  const policy = policies[at];
  if (!policy) throw new RangeError("there is no policy");
  const outer = policySide(at, policy.calls, random.below(2) === 0 ? "firm" : "soft");
  switch (random.below(7)) {
    case 0:
      return pairOf(profileSide("its profile", policy.profile), outer);
    case 1:
      return pairOf(profileSide("its profile loosened", loosened(policy.profile, random)), outer);
    case 2: {
      const other = random.one(policies).profile;
      const text = random.below(2) === 0 ? withOthers(other) : other;
      return pairOf(profileSide("another's profile", loosened(text, random)), outer, random.one(foci));
    }
    case 3:
      return profilePair(withOthers(policy.profile), random);
    case 4: {
      const program = assemble(readSeccomp(policy.profile), ["x86_64", "aarch64"]);
      const tried = random.below(3) === 0 ? program : validMutant(program, random);
      return pairOf(filterSide("a filter of its profile", tried, "f"), outer);
    }
    default: {
      const program = random.one(programs);
      const once = validMutant(program, random);
      const changed = random.below(2) === 0 ? once : validMutant(once, random);
      const sides = [
        filterSide("a filter by hand", program, "f"),
        filterSide("its mutant", changed, "g"),
      ] as const;
      return random.below(2) === 0 ? pairOf(...sides) : pairOf(sides[1], sides[0]);
    }
  }
}
