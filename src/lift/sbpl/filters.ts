/** What rules test, and what a test says of something of which not all is known. */

/** Yes, no, or undefined: it depends on what is not looked at. */
export type Tri = boolean | undefined;

/** A test of a path, by the text that stands in the profile. */
export interface PathTest {
  readonly match: "literal" | "subpath" | "prefix" | "regex";
  readonly text: string;
}

/** A test of an IP socket's end. */
export interface AddressTest {
  readonly side: "local" | "remote";
  readonly family: "ip4" | "ip6" | "any";
  readonly transport: "tcp" | "udp" | "any";
  readonly host: "any" | "localhost";
  /** Absent: any. */
  readonly port?: number;
}

/** A test of what something is called: a Mach service, a sysctl, the target of a signal. */
export interface NameTest {
  readonly space: string;
  readonly match: "exact" | "prefix" | "regex";
  readonly text: string;
}

/** A filter that is one test. */
export type Leaf =
  /** `side` where it is said of a socket's end. */
  | { readonly kind: "path"; readonly test: PathTest; readonly side?: "local" | "remote" }
  | { readonly kind: "unix"; readonly side: "local" | "remote" }
  | { readonly kind: "address"; readonly test: AddressTest }
  | { readonly kind: "name"; readonly test: NameTest }
  /** Anything that is not decided here, by its text. */
  | { readonly kind: "attribute"; readonly text: string };

/** A filter of a rule. */
export type Filter =
  | Leaf
  | { readonly kind: "all" | "any"; readonly of: readonly Filter[] }
  | { readonly kind: "not"; readonly of: Filter };

/** Tells what one test says. */
export type Truth = (leaf: Leaf) => Tri;

/** What a filter says, from what its tests say. */
export function judge(filter: Filter, truth: Truth): Tri {
  switch (filter.kind) {
    case "not": {
      const inner = judge(filter.of, truth);
      return inner === undefined ? undefined : !inner;
    }
    case "all":
    case "any": {
      // `all` ends with the first no, `any` with the first yes.
      const decisive = filter.kind === "any";
      let result: Tri = !decisive;
      for (const part of filter.of) {
        const found = judge(part, truth);
        if (found === decisive) return decisive;
        if (found === undefined) result = undefined;
      }
      return result;
    }
    default:
      return truth(filter);
  }
}

/** All tests of a filter. */
export function leavesOf(filter: Filter): readonly Leaf[] {
  switch (filter.kind) {
    case "all":
    case "any":
      return filter.of.flatMap(leavesOf);
    case "not":
      return leavesOf(filter.of);
    default:
      return [filter];
  }
}

/** Never matches. */
export const neverFilter: Filter = { kind: "any", of: [] };

/** Matches at most where another filter does: whether it does is not known. */
export function doubtful(filter: Filter, why: string): Filter {
  return { kind: "all", of: [filter, { kind: "attribute", text: why }] };
}
