/** Questions about one system call: `mount`, `socket(AF_INET)`, `ioctl(cmd = TCGETS)`. */
import { didYouMean } from "../diagnostics/suggest.ts";
import { constantNames, constantValue, type SystemCall, systemCall, systemCalls } from "../linux/index.ts";

/** A call with the words that the question names, or why it is none. */
export type ReadCall =
  | { readonly ok: true; readonly name: string; readonly words: readonly (string | undefined)[] }
  | { readonly ok: false; readonly reason: string };

const form = /^([a-z_][a-z0-9_]*)(?:\s*\(([^()]*)\))?$/i;

const fail = (what: string, meant: string | undefined): { readonly ok: false; readonly reason: string } => ({
  ok: false,
  reason: `there is no ${what}${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`,
});

/** Where an argument stands, and the word for it: by its name, or in its turn. */
function readArgument(
  { name, parameters }: SystemCall,
  text: string,
  turn: number,
):
  | { readonly ok: true; readonly at: number; readonly word: string | undefined }
  | { readonly ok: false; readonly reason: string } {
  const [, argument, value = ""] = /^(?:(\w+)\s*=\s*)?(.*)$/s.exec(text) ?? [];
  const at = argument === undefined ? turn : parameters.findIndex((p) => p.name === argument);
  if (at === -1 || at >= parameters.length) {
    const names = parameters.map((p) => p.name);
    return fail(`argument \`${argument ?? text}\` of \`${name}\``, argument && didYouMean(argument, names));
  }
  if (value === "" || value === "_") return { ok: true, at, word: undefined };
  if (!/^-?(?:\d+|0x[0-9a-f]+)$/i.test(value) && constantValue(value) === undefined)
    return fail(`constant \`${value}\``, didYouMean(value, constantNames()));
  return { ok: true, at, word: value };
}

/** Reads a question about a system call; undefined when the text has another form. */
export function readCall(text: string): ReadCall | undefined {
  const [, name = "", inside] = form.exec(text) ?? [];
  if (name === "") return undefined;
  const call = systemCall(name);
  const meant = call ? undefined : didYouMean(name, systemCalls().keys());
  // A word alone may be meant as anything.
  if (!call && inside === undefined && meant === undefined) return undefined;
  if (!call) return fail(`system call \`${name}\``, meant);
  const words: (string | undefined)[] = [];
  const written = (inside ?? "").trim() === "" ? [] : (inside ?? "").split(",");
  for (const [turn, part] of written.entries()) {
    const read = readArgument(call, part.trim(), turn);
    if (!read.ok) return read;
    words[read.at] = read.word;
  }
  return { ok: true, name, words: Array.from(words) };
}
