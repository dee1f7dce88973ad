/** `user`, `env`, `limits`, `accept` and the rest: clauses that need little. */
import { meaningErrors as e } from "../diagnostics/catalogue/meaning.ts";
import { nameErrors } from "../diagnostics/catalogue/names.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { type AcceptClause, limitNames, type UserClause } from "../syntax/ast.ts";
import { type LowerContext, originOf, type Sourced } from "./context.ts";
import type { Located } from "./expand-files.ts";
import { clausesOf, type Layer, limitOf, variableOf } from "./inherit.ts";
import type { Accept, Limits, User, Variable } from "./ir.ts";
import { acceptItems } from "./ir-names.ts";
import { sortUnique } from "./sort.ts";
import { targetNames } from "./target-names.ts";

/** The user: as written, or the owner of the first directory that is written. */
export function expandUser(
  context: LowerContext,
  sourced: Sourced<UserClause> | undefined,
  owners: readonly Located[],
): User {
  if (!sourced) return ownerUser(context, owners);
  const origin = originOf(context, sourced);
  const { user } = sourced.clause;
  if (user.kind === "dynamic") return { kind: "dynamic", origin };
  const root = (text: string): User => {
    context.report(e.rootUser.report({ text }, { at: sourced.clause.span }));
    return { kind: "any" };
  };
  if (user.kind === "ids") {
    if (user.uid === 0 || user.gid === 0) return root(`${user.uid}:${user.gid}`);
    return { kind: "ids", uid: user.uid, gid: user.gid, origin };
  }
  const known = context.host.user(user.name);
  if (known?.uid === 0 || known?.gid === 0 || user.name === "root") return root(user.name);
  return { kind: "name", name: user.name, ...known, origin };
}

function ownerUser(context: LowerContext, owners: readonly Located[]): User {
  const written = owners.filter((o) => o.uid !== undefined && o.type !== "device");
  for (const { path, uid, at } of written) {
    if (uid === 0)
      context.report(
        e.rootOwned.report(
          { path },
          { at, notes: ["say who runs it, `user UID:GID`, or give the directory away"] },
        ),
      );
  }
  const [first, ...others] = written.filter((o) => o.uid !== 0);
  const other = others.find((o) => o.uid !== first?.uid);
  if (first && other)
    context.report(e.ownersDiffer.report({ first: first.path, second: other.path }, { at: other.at }));
  if (first?.uid === undefined || first.gid === undefined) return { kind: "any" };
  return { kind: "any", owner: { uid: first.uid, gid: first.gid } };
}

/** Variables: the extending block's value wins; a runtime's defaults come last. */
export function expandEnvironment(
  context: LowerContext,
  layer: Layer,
  runtime: Layer | undefined,
  temporary: boolean,
): Variable[] {
  const byName = new Map<string, Variable>();
  for (const source of [layer, ...(runtime ? [runtime] : [])]) {
    const names = clausesOf(source, "env").flatMap(({ clause }) => clause.variables.map(({ name }) => name));
    for (const name of new Set(names)) {
      const found = byName.has(name) ? undefined : variableOf(source, name, context.report);
      if (!found) continue;
      const { value } = found.variable;
      byName.set(name, {
        name,
        ...(value !== undefined && { value }),
        origin: originOf(context, found.sourced),
      });
    }
  }
  const at = runtime && clausesOf(runtime, "env")[0];
  const origin = at ? originOf(context, at) : 0;
  if (temporary && !byName.has("TMPDIR"))
    byName.set("TMPDIR", { name: "TMPDIR", value: "/tmp", temporary: true, origin });
  if (runtime && at && !byName.has("HOME")) {
    byName.set(
      "HOME",
      temporary
        ? { name: "HOME", value: "/tmp", temporary: true, origin }
        : { name: "HOME", value: "/nonexistent", origin },
    );
  }
  return sortUnique([...byName.values()], (variable) => variable.name);
}

/** Limits: each on its own, the extending block's value wins. */
export function expandLimits(context: LowerContext, layer: Layer): Limits {
  const limits: Limits = {};
  for (const name of limitNames) {
    const found = limitOf(layer, name, context.report);
    if (found) limits[name] = { value: found.limit.value, origin: originOf(context, found.sourced) };
  }
  return limits;
}

function readAccept(context: LowerContext, sourced: Sourced<AcceptClause>): Accept[] {
  const { targets, items } = sourced.clause;
  const origin = originOf(context, sourced);
  for (const target of targets) {
    if (target.text === "all" || targetNames.includes(target.text)) continue;
    const meant = didYouMean(target.text, ["all", ...targetNames]);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: target.span, newText: meant }] }]
      : [];
    context.report(nameErrors.unknownTarget.report({ name: target.text }, { at: target.span, fixes }));
  }
  const names = targets.some((t) => t.text === "all")
    ? ["all"]
    : [...new Set(targets.map((t) => t.text))].sort();
  return items.flatMap((item) => {
    if (isAcceptItem(item.text)) return [{ targets: names, item: item.text, origin }];
    const meant = didYouMean(item.text, acceptItems);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: item.span, newText: meant }] }]
      : [];
    context.report(nameErrors.unknownItem.report({ name: item.text }, { at: item.span, fixes }));
    return [];
  });
}

const deputyItem = /^deputy\.[a-z0-9-]+$/;

/** Whether a word names something that can be accepted. */
export function isAcceptItem(text: string): boolean {
  return deputyItem.test(text) || acceptItems.some((item) => item === text);
}

/** All accepts of a server and its profiles. */
export function expandAccepts(context: LowerContext, clauses: readonly Sourced<AcceptClause>[]): Accept[] {
  const all = clauses.flatMap((sourced) => readAccept(context, sourced));
  return sortUnique(all, ({ targets, item }) => `${item} ${targets.join(",")}`);
}
