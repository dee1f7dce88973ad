/**
 * SystemCallFilter=: the first line decides whether it is a list of what is allowed or of what is denied.
 *
 * Source: `config_parse_syscall_filter` in src/core/load-fragment.c, `seccomp_parse_syscall_filter` in
 * src/shared/seccomp-util.c of systemd 252.
 */
import { type Bdd, complement, type Root } from "../../authority/bdd.ts";
import { i386Calls } from "../../linux/index.ts";
import { multiplexed } from "../../linux/multiplexed.ts";
import { type Door, doorsOf, doorsWithoutI386, throughDoors } from "../doors.ts";
import { tableRelease } from "./directives.generated.ts";
import { callsOfGroup, isKnownCall } from "./groups.ts";
import type { Settings } from "./settings.ts";
import type { Assignment } from "./syntax.ts";
import { wordsOf } from "./words.ts";

/** The call of i386 that another one may be hidden behind there. */
const behind = (name: string): string | undefined => multiplexed.get(name)?.call;

/** Where a call of an allow-list may get through. */
function most(name: string): readonly Door[] {
  const hidden = behind(name);
  const number = hidden === undefined ? undefined : i386Calls().get(hidden);
  return number === undefined ? doorsOf(name) : [...doorsOf(name), { entry: "i386", number }];
}

/** Where a call of a deny-list surely does not. */
function least(name: string): readonly Door[] {
  return behind(name) === undefined ? doorsOf(name) : doorsWithoutI386(name);
}

/** What SystemCallFilter= says. */
export interface CallList {
  /** Whether it lists what is allowed, which the first line decides. */
  readonly allows: boolean;
  readonly names: ReadonlySet<string>;
}

const errorName = /^(?:E[A-Z0-9]+|\d{1,4}|kill)$/;

/** The calls of one word, `@group`, `name`, `name:ERRNO`; undefined, with a finding, where systemd passes over it. */
function callsOfWord(
  settings: Settings,
  at: Assignment,
  word: string,
  inverted: boolean,
): Iterable<string> | undefined {
  const [name = "", error] = word.split(":");
  if (error !== undefined && (!errorName.test(error) || !inverted)) {
    settings.find(at, `systemd ignores \`${word}\`: an error belongs to what is denied only`);
    return undefined;
  }
  const calls = name.startsWith("@") ? callsOfGroup(name) : isKnownCall(name) ? [name] : undefined;
  if (calls && name.startsWith("@") && !inverted && settings.release !== tableRelease)
    settings.find(at, `what \`${name}\` holds is known of systemd ${tableRelease} only`);
  if (!calls) settings.find(at, `systemd ignores \`${name}\`, a system call that it does not know`);
  return calls;
}

const lists = new WeakMap<Settings, { readonly list: CallList | undefined }>();

/** What SystemCallFilter= says; undefined when there is none, or what it adds to is not known. */
export function callList(settings: Settings): CallList | undefined {
  const known = lists.get(settings) ?? { list: readList(settings) };
  lists.set(settings, known);
  return known.list;
}

function readList(settings: Settings): CallList | undefined {
  let allows: boolean | undefined;
  const names = new Set<string>();
  for (const at of settings.list("SystemCallFilter")) {
    const inverted = at.value.startsWith("~");
    if (allows === undefined) {
      allows = !inverted;
      if (allows) for (const name of callsOfGroup("@default") ?? []) names.add(name);
    }
    const { words, broken } = wordsOf(inverted ? at.value.slice(1) : at.value);
    if (broken) settings.find(at, "systemd ignores the rest: a quote is broken");
    for (const word of words)
      for (const name of callsOfWord(settings, at, word, inverted) ?? []) {
        if (inverted !== allows) names.add(name);
        else names.delete(name);
      }
  }
  // A unit's own items come first, and the first decides what the others mean.
  return allows === undefined || settings.isOpenList("SystemCallFilter") ? undefined : { allows, names };
}

/** What a list lets through. */
export function listed(bdd: Bdd, { allows, names }: CallList): Root {
  const root = throughDoors(bdd, [...names].flatMap(allows ? most : least));
  return allows ? root : complement(bdd, root);
}
