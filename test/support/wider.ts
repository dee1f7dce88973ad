/** What one IR permits beyond another, by comparing their lists: coarse, and on the safe side. */
import { coversPath, isWithin } from "../../src/host/patterns.ts";
import type { CallGrant, Limits, ServerIr } from "../../src/policy/ir.ts";

const isolation = ["process", "container", "kernel", "microvm"];

const plain = (value: unknown): string =>
  JSON.stringify(value, (key, v: unknown) => (key === "origin" || key === "origins" ? undefined : v));

function callWithin(grant: CallGrant, old: CallGrant | undefined): boolean {
  if (!old) return false;
  if (!old.when) return true;
  return grant.when?.every((c) => old.when?.some((o) => plain(o) === plain(c))) ?? false;
}

function limitsWider(now: Limits, before: Limits): string[] {
  return (Object.keys(before) as (keyof Limits)[]).flatMap((name) => {
    const limit = before[name]?.value;
    const value = now[name]?.value;
    return limit !== undefined && (value === undefined || value > limit) ? [`limit ${name}`] : [];
  });
}

/** Names of what `now` permits and `before` does not. */
export function wider(now: ServerIr, before: ServerIr): readonly string[] {
  const grants = now.files.grants.filter(
    (g) =>
      !g.access.every((access) =>
        before.files.grants.some((old) => isWithin(g.path, old.path) && old.access.includes(access)),
      ),
  );
  const denies = before.files.denies.filter(
    (d) =>
      now.files.grants.some((g) => isWithin(d.pattern, g.path) || d.pattern.includes("*")) &&
      !now.files.denies.some(
        (n) => (n.access === "all" || n.access === d.access) && coversPath(n.pattern, d.pattern),
      ),
  );
  const endpoints = [...now.network.connect, ...now.network.listen].filter(
    (e) => ![...before.network.connect, ...before.network.listen].some((old) => plain(old) === plain(e)),
  );
  const calls = now.systemCalls.allow.filter(
    (c) =>
      !callWithin(
        c,
        before.systemCalls.allow.find((old) => old.name === c.name),
      ),
  );
  const variables = now.environment.filter(
    (v) => !before.environment.some((old) => old.name === v.name && old.value === v.value),
  );
  return [
    ...grants.map((g) => `${g.access.join("+")} ${g.path}`),
    ...denies.map((d) => `no deny ${d.pattern}`),
    ...(now.network.any && !before.network.any ? ["net any"] : []),
    ...(now.network.loopback && !before.network.loopback ? ["net loopback"] : []),
    ...endpoints.map(plain),
    ...now.unix.filter((u) => !before.unix.some((old) => old.path === u.path)).map((u) => `unix ${u.path}`),
    ...calls.map((c) => `call ${c.name}`),
    ...variables.map((v) => `env ${v.name}=${v.value}`),
    ...limitsWider(now.limits, before.limits),
    ...((now.tmp?.bytes ?? 0) > (before.tmp?.bytes ?? 0) ? ["tmp"] : []),
    ...(isolation.indexOf(now.isolation.level) < isolation.indexOf(before.isolation.level)
      ? ["isolation"]
      : []),
    ...(plain(now.user) !== plain(before.user) && before.user.kind !== "any" ? ["user"] : []),
    ...now.accepts
      .filter((a) => !before.accepts.some((old) => plain(old) === plain(a)))
      .map((a) => `accept ${a.targets.join()}: ${a.item}`),
    ...(before.within && !now.within ? ["within"] : []),
  ];
}
