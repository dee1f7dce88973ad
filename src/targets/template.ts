/**
 * Templates for formats that are text: Handlebars, in an environment of its own. `strict` covers names but not
 * `{{#each}}` and `{{#if}}`, where a misspelt list would print nothing, a deny lost in silence; so both are replaced by
 * helpers that refuse what is not an array, or not a boolean. Leaves are branded lines that only `line` makes.
 */
import Handlebars from "handlebars/runtime.js";
import { templateSpecifications } from "./templates.generated.ts";

declare const brand: unique symbol;

/** Text that can't break out of its line. */
export type Line = string & { readonly [brand]: "line" };

const lineEnd = /[\n\r\u0000\u0085\u2028\u2029]/;

/** Marks escaped text as fit for a template; a line end in it is a bug of its escaper, and stops the compile. */
export function line(text: string): Line {
  if (lineEnd.test(text)) throw new Error("a line end was about to be printed by a template");
  return text as Line;
}

/** What a template prints: lines, lists and objects of them, and switches. */
export type View = { readonly [name: string]: Line | boolean | readonly Line[] | readonly View[] };

/** What is used of Handlebars' runtime, whose own declarations describe the whole library. */
interface Runtime {
  create(): Runtime;
  registerHelper(name: string, helper: (this: unknown, ...parameters: readonly unknown[]) => string): void;
  template(specification: unknown): (view: View) => string;
}

/** What a block helper is given behind its arguments. */
interface BlockOptions {
  readonly fn: (context: unknown) => string;
  readonly inverse: (context: unknown) => string;
}

const environment = (Handlebars as unknown as Runtime).create();

environment.registerHelper("each", function each(this: unknown, ...parameters: readonly unknown[]) {
  const options = parameters.at(-1) as BlockOptions;
  const [list] = parameters;
  if (!Array.isArray(list)) throw new Error("a template's {{#each}} was given no list");
  return list.map((entry) => options.fn(entry)).join("");
});

environment.registerHelper("if", function when(this: unknown, ...parameters: readonly unknown[]) {
  const options = parameters.at(-1) as BlockOptions;
  const [condition] = parameters;
  if (typeof condition !== "boolean") throw new Error("a template's {{#if}} was given no switch");
  return condition ? options.fn(this) : options.inverse(this);
});

const compiled = new Map<string, (view: View) => string>();

/** Prints a view through a template of templates/. */
export function renderTemplate(name: string, view: View): string {
  let template = compiled.get(name);
  if (!template) {
    const specification = templateSpecifications[name];
    if (!specification) throw new RangeError(`there is no template ${name}`);
    template = environment.template(specification);
    compiled.set(name, template);
  }
  return template(view);
}
