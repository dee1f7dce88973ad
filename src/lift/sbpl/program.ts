/**
 * A profile is a program; running it gives its rules. Of Scheme it may use what profiles that are published use; anything
 * else is an error, since what it would do to the rules is not known.
 */
import { applies } from "./applies.ts";
import { always, both, type Condition, constantOf, opposite } from "./conditions.ts";
import { type Filter, leavesOf } from "./filters.ts";
import { isFilterName, makeFilter } from "./make-filters.ts";
import { operationNamed } from "./operations.ts";
import { SbError, type Sexp } from "./read.ts";
import type { Rule } from "./rules.ts";

/** What a program made. */
export interface Program {
  readonly rules: readonly Rule[];
  /** Rules that let a program start outside of the sandbox. */
  readonly unsandboxed: readonly Rule[];
}

type Value =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "symbol" | "operation" | "modifier"; readonly name: string }
  | { readonly kind: "filter"; readonly filter: Filter }
  | {
      readonly kind: "procedure";
      readonly parameters: readonly string[];
      readonly body: readonly Sexp[];
      readonly scope: Scope;
    }
  | { readonly kind: "nothing" };

interface Scope {
  readonly names: Map<string, Value>;
  readonly outer: Scope | undefined;
}

/** What holds around an expression. */
interface Around {
  readonly scope: Scope;
  readonly condition: Condition;
  /** Filters that each rule is narrowed by. */
  readonly filters: readonly Filter[];
  readonly depth: number;
}

interface Run {
  readonly parameters: ReadonlyMap<string, string>;
  readonly rules: Rule[];
  readonly unsandboxed: Rule[];
  steps: number;
}

const mostSteps = 200_000;
const deepestCall = 50;
const nothing: Value = { kind: "nothing" };

const modifiers: Readonly<Record<string, "any" | "allow" | "deny">> = {
  "send-signal": "any",
  message: "any",
  telemetry: "any",
  errno: "deny",
  report: "allow",
  "no-report": "deny",
  "no-log": "deny",
  "no-times": "allow",
};
const escapes: ReadonlySet<string> = new Set(["no-sandbox", "no-profile", "default-sandbox"]);

function lookUp(scope: Scope | undefined, name: string): Value | undefined {
  for (let at = scope; at; at = at.outer) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

function symbolValue(around: Around, name: string, at: number): Value {
  const found = lookUp(around.scope, name);
  if (found) return found;
  const operation = operationNamed(name);
  if (operation !== undefined) return { kind: "operation", name: operation };
  throw new SbError(`\`${name}\` is not known`, at);
}

/** The word that a list begins with, unless it is one of the program's own. */
function headOf(list: Sexp & { readonly kind: "list" }, around: Around): string | undefined {
  const [head] = list.items;
  return head?.kind === "symbol" && !lookUp(around.scope, head.name) ? head.name : undefined;
}

function truthOf(value: Value): boolean {
  return !(value.kind === "boolean" && !value.value);
}

function equalValues(a: Value, b: Value, at: number): boolean {
  if (a.kind === "string" || a.kind === "number" || a.kind === "boolean")
    return a.kind === b.kind && "value" in b && a.value === b.value;
  if (a.kind === "symbol" && b.kind === "symbol") return a.name === b.name;
  throw new SbError("these can't be compared", at);
}

/** A test in a program: what it is, where it depends on the system. */
function conditionOf(run: Run, around: Around, expression: Sexp): Condition {
  if (expression.kind === "list") {
    const name = headOf(expression, around);
    const args = expression.items.slice(1);
    if (name === "defined?") return definedCondition(run, around, args, expression.at);
    if (name === "not" && args.length === 1 && args[0]) return opposite(conditionOf(run, around, args[0]));
    if (name === "and" || name === "or")
      return { kind: name, of: args.map((arg) => conditionOf(run, around, arg)) };
  }
  return { kind: "constant", value: truthOf(evaluate(run, around, expression)) };
}

function definedCondition(run: Run, around: Around, args: readonly Sexp[], at: number): Condition {
  const [arg] = args;
  const value = arg && args.length === 1 ? evaluate(run, around, arg) : nothing;
  if (value.kind !== "symbol") throw new SbError("`defined?` asks for one quoted name", at);
  if (lookUp(around.scope, value.name)) return always;
  return { kind: "defined", name: operationNamed(value.name) ?? value.name };
}

/** Runs what belongs to a test; where the system decides, both ways are possible. */
function branch(run: Run, around: Around, test: Sexp, yes: readonly Sexp[], no: readonly Sexp[]): Value {
  const condition = conditionOf(run, around, test);
  const known = constantOf(condition);
  if (known !== undefined) return inOrder(run, around, known ? yes : no);
  const inside = (met: Condition): Around => ({
    ...around,
    condition: both(around.condition, met),
    scope: { names: new Map(), outer: around.scope },
  });
  const values = [inOrder(run, inside(condition), yes), inOrder(run, inside(opposite(condition)), no)];
  if (values.some((value) => value.kind !== "nothing"))
    throw new SbError("a value that depends on the system can't be told", test.at);
  return nothing;
}

function inOrder(run: Run, around: Around, list: readonly Sexp[]): Value {
  let last: Value = nothing;
  for (const expression of list) last = evaluate(run, around, expression);
  return last;
}

function define(run: Run, around: Around, args: readonly Sexp[], at: number): Value {
  const [head, ...body] = args;
  const set = (name: string, value: Value): Value => {
    // A word of the language that means something else from here on would be read wrongly above.
    if (operationNamed(name) !== undefined || isFilterName(name) || forms[name])
      throw new SbError(`\`${name}\` has a meaning already`, at);
    around.scope.names.set(name, value);
    return nothing;
  };
  if (head?.kind === "symbol" && body.length === 1 && body[0])
    return set(head.name, evaluate(run, around, body[0]));
  if (head?.kind === "list") {
    const [name, ...parameters] = head.items.map((item) => (item.kind === "symbol" ? item.name : undefined));
    if (name !== undefined && parameters.every((p) => p !== undefined) && body.length > 0)
      return set(name, { kind: "procedure", parameters, body, scope: around.scope });
  }
  throw new SbError("this definition can't be read", at);
}

function bind(run: Run, around: Around, args: readonly Sexp[], at: number, oneByOne: boolean): Value {
  const [list, ...body] = args;
  if (list?.kind !== "list") throw new SbError("`let` needs a list of names", at);
  const scope: Scope = { names: new Map(), outer: around.scope };
  for (const item of list.items) {
    const [name, value] = item.kind === "list" ? item.items : [];
    if (item.kind !== "list" || item.items.length !== 2 || name?.kind !== "symbol" || !value)
      throw new SbError("`let` needs names with their values", item.at);
    if (operationNamed(name.name) !== undefined || isFilterName(name.name) || forms[name.name])
      throw new SbError(`\`${name.name}\` has a meaning already`, name.at);
    scope.names.set(name.name, evaluate(run, oneByOne ? { ...around, scope } : around, value));
  }
  return inOrder(run, { ...around, scope }, body);
}

function call(run: Run, around: Around, procedure: Value, args: readonly Value[], at: number): Value {
  if (procedure.kind !== "procedure") throw new SbError("this can't be called", at);
  if (procedure.parameters.length !== args.length) throw new SbError("the number of arguments is wrong", at);
  if (around.depth >= deepestCall) throw new SbError("calls are nested too deeply", at);
  const names = new Map(procedure.parameters.map((name, index) => [name, args[index] ?? nothing]));
  return inOrder(
    run,
    { ...around, scope: { names, outer: procedure.scope }, depth: around.depth + 1 },
    procedure.body,
  );
}

function stringFrom(run: Run, around: Around, expression: Sexp): string {
  const value = evaluate(run, around, expression);
  if (value.kind === "string") return value.value;
  throw new SbError("a string is expected here", expression.at);
}

function requirement(
  run: Run,
  around: Around,
  kind: "all" | "any" | "not",
  args: readonly Sexp[],
  at: number,
): Value {
  const of = args.map((arg) => filterFrom(evaluate(run, around, arg), arg.at));
  if (kind !== "not") {
    if (of.length === 0) throw new SbError(`\`require-${kind}\` of nothing`, at);
    return { kind: "filter", filter: { kind, of } };
  }
  const [only] = of;
  if (!only || of.length > 1) throw new SbError("`require-not` takes exactly one filter", at);
  return { kind: "filter", filter: { kind: "not", of: only } };
}

function filterFrom(value: Value, at: number): Filter {
  if (value.kind === "filter") return value.filter;
  throw new SbError("a filter is expected here", at);
}

/** Rules of one `allow` or `deny`: its parts in any order, several filters an "or". */
function addRules(
  run: Run,
  around: Around,
  action: "allow" | "deny",
  args: readonly Sexp[],
  at: number,
): Value {
  const operations: string[] = [];
  const filters: Filter[] = [];
  const named = new Set<string>();
  for (const arg of args) {
    const value = evaluate(run, around, arg);
    if (value.kind === "operation") operations.push(value.name);
    else if (value.kind === "filter") filters.push(value.filter);
    else if (value.kind === "modifier" && !named.has(value.name)) named.add(value.name);
    else throw new SbError("this is no operation, filter or modifier", arg.at);
  }
  if (operations.length === 0) throw new SbError("a rule without an operation", at);
  const filter = narrowed(filters, around.filters);
  for (const operation of operations) {
    const unfit = filter && leavesOf(filter).find((leaf) => !applies(leaf, operation));
    if (unfit) throw new SbError(`a filter of ${operation} is of a kind that it does not take`, at);
    const rule: Rule = { action, operation, condition: around.condition, at, ...(filter && { filter }) };
    run.rules.push(rule);
    if (checkModifiers(named, rule)) run.unsandboxed.push(rule);
  }
  return nothing;
}

function narrowed(filters: readonly Filter[], by: readonly Filter[]): Filter | undefined {
  const own: readonly Filter[] = filters.length === 0 ? [] : [{ kind: "any", of: filters }];
  const of = [...by, ...own];
  return of.length > 1 ? { kind: "all", of } : of[0];
}

/** Whether modifiers let out of the sandbox. @throws SbError when they don't fit the rule */
function checkModifiers(names: ReadonlySet<string>, rule: Rule): boolean {
  let out = false;
  for (const name of names) {
    if (escapes.has(name)) {
      if (rule.action !== "allow" || !rule.operation.startsWith("process-exec"))
        throw new SbError(`\`${name}\` fits an allow of process-exec only`, rule.at);
      out = true;
      continue;
    }
    const fits = Object.hasOwn(modifiers, name) ? modifiers[name] : undefined;
    if (fits === undefined) throw new SbError(`\`${name}\` is no modifier that is known`, rule.at);
    if (fits !== "any" && fits !== rule.action)
      throw new SbError(`\`${name}\` does not fit this rule`, rule.at);
  }
  return out;
}

function modifier(args: readonly Sexp[], at: number): Value {
  const [name, ...rest] = args;
  if (name?.kind !== "symbol" || rest.length > 1 || rest.some((r) => r.kind === "list"))
    throw new SbError("this modifier can't be read", at);
  return { kind: "modifier", name: name.name };
}

function parameter(run: Run, around: Around, args: readonly Sexp[], at: number): Value {
  const [name, ...rest] = args;
  if (!name || rest.length > 0) throw new SbError("`param` takes one name", at);
  const value = run.parameters.get(stringFrom(run, around, name));
  return value === undefined ? { kind: "boolean", value: false } : { kind: "string", value };
}

type Form = (run: Run, around: Around, args: readonly Sexp[], at: number) => Value;

function compare(run: Run, around: Around, args: readonly Sexp[], at: number): Value {
  const [a, b, ...rest] = args;
  if (!a || !b || rest.length > 0) throw new SbError("two values are compared", at);
  return { kind: "boolean", value: equalValues(evaluate(run, around, a), evaluate(run, around, b), at) };
}

function logical(run: Run, around: Around, expression: Sexp): Value {
  const known = constantOf(conditionOf(run, around, expression));
  if (known === undefined)
    throw new SbError("a value that depends on the system can't be told", expression.at);
  return { kind: "boolean", value: known };
}

function version(args: readonly Sexp[], at: number): Value {
  if (args.length === 1 && args[0]?.kind === "number" && args[0].value === 1) return nothing;
  throw new SbError("only version 1 of the language is known", at);
}

const forms: Readonly<Record<string, Form>> = Object.assign(Object.create(null) as Record<string, Form>, {
  allow: (run, around, args, at) => addRules(run, around, "allow", args, at),
  deny: (run, around, args, at) => addRules(run, around, "deny", args, at),
  version: (_, __, args, at) => version(args, at),
  // It says nothing since macOS 10.11.
  debug: (_, __, args, at) => {
    if (args.length > 1 || args.some((arg) => arg.kind !== "symbol"))
      throw new SbError("`debug` takes a word", at);
    return nothing;
  },
  if: (run, around, args, at) => {
    const [test, yes, no, ...rest] = args;
    if (!test || !yes || rest.length > 0) throw new SbError("`if` takes a test and one or two branches", at);
    return branch(run, around, test, [yes], no ? [no] : []);
  },
  when: (run, around, [test, ...body], at) => {
    if (!test) throw new SbError("`when` takes a test", at);
    return branch(run, around, test, body, []);
  },
  unless: (run, around, [test, ...body], at) => {
    if (!test) throw new SbError("`unless` takes a test", at);
    return branch(run, around, test, [], body);
  },
  begin: (run, around, args) => inOrder(run, around, args),
  define,
  let: (run, around, args, at) => bind(run, around, args, at, false),
  "let*": (run, around, args, at) => bind(run, around, args, at, true),
  "string-append": (run, around, args) => ({
    kind: "string",
    value: args.map((arg) => stringFrom(run, around, arg)).join(""),
  }),
  param: parameter,
  "equal?": compare,
  "string=?": compare,
  quote: (_, __, [of], at) => {
    if (of?.kind !== "symbol") throw new SbError("only words can be quoted", at);
    return { kind: "symbol", name: of.name };
  },
  "require-all": (run, around, args, at) => requirement(run, around, "all", args, at),
  "require-any": (run, around, args, at) => requirement(run, around, "any", args, at),
  "require-not": (run, around, args, at) => requirement(run, around, "not", args, at),
  "require-entitlement": (run, around, args) => {
    const text = args.map((arg) => JSON.stringify(stringFrom(run, around, arg))).join(" ");
    return { kind: "filter", filter: { kind: "attribute", text: `(require-entitlement ${text})` } };
  },
  with: (_, __, args, at) => modifier(args, at),
  "with-filter": (run, around, [first, ...body], at) => {
    if (!first) throw new SbError("`with-filter` takes a filter", at);
    const filter = filterFrom(evaluate(run, around, first), first.at);
    return inOrder(run, { ...around, filters: [...around.filters, filter] }, body);
  },
} satisfies Record<string, Form>);

function evaluate(run: Run, around: Around, expression: Sexp): Value {
  if (++run.steps > mostSteps) throw new SbError("the profile takes too many steps", expression.at);
  switch (expression.kind) {
    case "string":
    case "number":
    case "boolean":
      return expression;
    case "quote":
      return forms.quote?.(run, around, [expression.of], expression.at) ?? nothing;
    case "symbol":
      return symbolValue(around, expression.name, expression.at);
    case "list":
      return evaluateList(run, around, expression);
  }
}

function evaluateList(run: Run, around: Around, list: Sexp & { readonly kind: "list" }): Value {
  const [head, ...args] = list.items;
  if (!head) throw new SbError("an empty list", list.at);
  const name = headOf(list, around);
  if (name === undefined) {
    const values = args.map((arg) => evaluate(run, around, arg));
    return call(run, around, evaluate(run, around, head), values, list.at);
  }
  const form = forms[name];
  if (form) return form(run, around, args, list.at);
  if (name === "not" || name === "and" || name === "or" || name === "defined?")
    return logical(run, around, list);
  if (name === "import")
    throw new SbError("what an import brings in differs from system to system, so it can't be told", list.at);
  if (isFilterName(name)) {
    const strings = (arg: Sexp): string => stringFrom(run, around, arg);
    return { kind: "filter", filter: makeFilter(name, args, strings, list.at) };
  }
  throw new SbError(`\`${name}\` is not known`, list.at);
}

/** Rules that are in every sandbox since macOS 10.11, ahead of what the profile says. */
const everywhere: readonly string[] = ["signal", "mach-task-name"];

/** Runs a profile. @throws SbError */
export function runProgram(expressions: readonly Sexp[], parameters: ReadonlyMap<string, string>): Program {
  const [first] = expressions;
  const head = first?.kind === "list" ? first.items[0] : undefined;
  if (head?.kind !== "symbol" || head.name !== "version")
    throw new SbError("a profile begins with its version", first?.at ?? 0);
  const run: Run = { parameters, rules: [], unsandboxed: [], steps: 0 };
  const scope: Scope = { names: new Map(), outer: undefined };
  inOrder(run, { scope, condition: always, filters: [], depth: 0 }, expressions);
  const self: Filter = { kind: "name", test: { space: "target", match: "exact", text: "self" } };
  for (const operation of everywhere)
    run.rules.push({ action: "allow", operation, condition: always, filter: self, at: 0 });
  return { rules: run.rules, unsandboxed: run.unsandboxed };
}
