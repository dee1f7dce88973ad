/** `extends`: the clauses that a server has, its own and those of its profiles. */

import { meaningErrors } from "../diagnostics/catalogue/meaning.ts";
import { nameErrors } from "../diagnostics/catalogue/names.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type {
  BlockDeclaration,
  Clause,
  LimitName,
  LimitNode,
  ValueNode,
  VariableNode,
} from "../syntax/ast.ts";
import type { Sourced } from "./context.ts";
import type { Declared, Scope } from "./load.ts";

/** A block with the blocks it extends. */
export interface Layer {
  readonly declared: Declared<BlockDeclaration>;
  readonly parents: readonly Layer[];
}

type Report = (diagnostic: Diagnostic) => void;
type Scalar = "run" | "runtime" | "image" | "user" | "isolation" | "tmp" | "syscalls";

/** Looks a profile up: the policy's own first, then the standard library's. */
export function findProfile(scopes: readonly Scope[], name: string): Declared<BlockDeclaration> | undefined {
  for (const scope of scopes) {
    const found = scope.profiles.get(name);
    if (found) return found;
  }
  return undefined;
}

/** What to say of a name that no profile has. */
export function unknownProfile(scopes: readonly Scope[], wanted: ValueNode): Diagnostic {
  const names = scopes.flatMap((scope) =>
    [...scope.profiles.keys()].filter((n) => !n.startsWith("runtime-")),
  );
  const meant = didYouMean(wanted.text, names);
  const fixes = meant
    ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: wanted.span, newText: meant }] }]
    : [];
  return nameErrors.unknownProfile.report({ name: wanted.text }, { at: wanted.span, fixes });
}

/** Resolves what a block extends; unknown names and rings are reported and left out. */
export function layerOf(
  declared: Declared<BlockDeclaration>,
  scopes: readonly Scope[],
  report: Report,
  ring: readonly Declared<BlockDeclaration>[] = [],
): Layer {
  // A profile of the standard library means the library's own, whatever the policy calls its profiles.
  const visible = declared.file.isStd ? scopes.slice(-1) : scopes;
  const parents = declared.declaration.parents.flatMap((parent) => {
    const found = findProfile(visible, parent.text);
    if (!found) {
      report(unknownProfile(visible, parent));
      return [];
    }
    const path = [...ring, declared];
    if (path.includes(found)) {
      const names = [...path.slice(path.indexOf(found)), found].map((d) => d.declaration.name.text);
      report(nameErrors.extendsCycle.report({ ring: names.join(" → ") }, { at: parent.span }));
      return [];
    }
    return [layerOf(found, scopes, report, path)];
  });
  return { declared, parents };
}

/** Every block of a layer once, the layer's own first. */
export function blocksOf(layer: Layer): readonly Declared<BlockDeclaration>[] {
  const seen = new Set<Declared<BlockDeclaration>>();
  const visit = (at: Layer): void => {
    if (seen.has(at.declared)) return;
    seen.add(at.declared);
    for (const parent of at.parents) visit(parent);
  };
  visit(layer);
  return [...seen];
}

/** All clauses of one kind: grants, denies and accepts unite. */
export function clausesOf<K extends Clause["kind"]>(
  layer: Layer,
  kind: K,
): Sourced<Extract<Clause, { kind: K }>>[] {
  type Wanted = Extract<Clause, { kind: K }>;
  return blocksOf(layer).flatMap(({ declaration, file }) =>
    declaration.clauses
      .filter((clause): clause is Wanted => clause.kind === kind)
      .map((clause) => ({ clause, file })),
  );
}

/** A value and the block that says it. */
interface Found<V> {
  readonly value: V;
  readonly from: Declared<BlockDeclaration>;
}

/** The block's own value, else what its parents agree on. */
function inherit<V>(
  layer: Layer,
  own: (declared: Declared<BlockDeclaration>) => V | undefined,
  same: (a: V, b: V) => boolean,
  conflict: (a: Found<V>, b: Found<V>) => void,
): Found<V> | undefined {
  const mine = own(layer.declared);
  if (mine !== undefined) return { value: mine, from: layer.declared };
  const found = layer.parents.flatMap((parent) => inherit(parent, own, same, conflict) ?? []);
  const [first] = found;
  for (const other of found.slice(1)) {
    if (first && other.from !== first.from && !same(first.value, other.value)) conflict(first, other);
  }
  return first;
}

const textOf = (clause: { readonly span: Clause["span"] }): string =>
  clause.span.source.text.slice(clause.span.start, clause.span.end).replace(/\s+/g, " ");

/** The clause of a scalar kind: the extending block wins; parents must agree. */
export function scalarOf<K extends Scalar>(
  layer: Layer,
  kind: K,
  report: Report,
): Sourced<Extract<Clause, { kind: K }>> | undefined {
  type Wanted = Sourced<Extract<Clause, { kind: K }>>;
  const own = ({ declaration, file }: Declared<BlockDeclaration>): Wanted | undefined => {
    const clause = declaration.clauses.find((c): c is Extract<Clause, { kind: K }> => c.kind === kind);
    return clause && { clause, file };
  };
  const same = (a: Wanted, b: Wanted): boolean =>
    textOf(a.clause) === textOf(b.clause) && a.file.directory === b.file.directory;
  return inherit(layer, own, same, (a, b) => {
    report(
      meaningErrors.scalarConflict.report(
        { what: kind, first: a.from.declaration.name.text, second: b.from.declaration.name.text },
        {
          at: layer.declared.declaration.name.span,
          related: [
            { span: (a.value.clause as Clause).span, text: "one" },
            { span: (b.value.clause as Clause).span, text: "the other" },
          ],
        },
      ),
    );
  })?.value;
}

/** A limit, like a scalar. */
export function limitOf(
  layer: Layer,
  name: LimitName,
  report: Report,
): { readonly limit: LimitNode; readonly sourced: Sourced } | undefined {
  const own = ({ declaration, file }: Declared<BlockDeclaration>) => {
    for (const clause of declaration.clauses) {
      const limit = clause.kind === "limits" ? clause.limits.find((l) => l.name === name) : undefined;
      if (limit) return { limit, sourced: { clause, file } };
    }
    return undefined;
  };
  return inherit(
    layer,
    own,
    (a, b) => a.limit.value === b.limit.value,
    (a, b) => {
      const holes = { what: name, first: a.from.declaration.name.text, second: b.from.declaration.name.text };
      const related = [
        { span: a.value.limit.span, text: "one" },
        { span: b.value.limit.span, text: "the other" },
      ];
      report(
        meaningErrors.scalarConflict.report(holes, { at: layer.declared.declaration.name.span, related }),
      );
    },
  )?.value;
}

/** A variable and the clause that it stands in. */
export interface SourcedVariable {
  readonly variable: VariableNode;
  readonly sourced: Sourced;
}

/** A variable, like a scalar: an own one wins over those of profiles, which must agree. */
export function variableOf(layer: Layer, name: string, report: Report): SourcedVariable | undefined {
  const own = ({ declaration, file }: Declared<BlockDeclaration>): SourcedVariable | undefined => {
    const found = declaration.clauses.flatMap((clause) =>
      clause.kind === "env"
        ? clause.variables
            .filter((variable) => variable.name === name)
            .map((variable) => ({ variable, sourced: { clause, file } }))
        : [],
    );
    const [first, ...others] = found;
    const other = others.find(({ variable }) => variable.value !== first?.variable.value);
    if (first && other) {
      const related = [{ span: first.variable.span, text: "first here" }];
      report(meaningErrors.valueConflict.report({ name }, { at: other.variable.span, related }));
    }
    return first;
  };
  const same = (a: SourcedVariable, b: SourcedVariable): boolean => a.variable.value === b.variable.value;
  return inherit(layer, own, same, (a, b) => {
    const holes = {
      what: `env ${name}`,
      first: a.from.declaration.name.text,
      second: b.from.declaration.name.text,
    };
    const related = [
      { span: a.value.variable.span, text: "one" },
      { span: b.value.variable.span, text: "the other" },
    ];
    report(meaningErrors.scalarConflict.report(holes, { at: layer.declared.declaration.name.span, related }));
  })?.value;
}
