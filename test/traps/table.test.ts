import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Trap, traps } from "./table.ts";

const here = dirname(fileURLToPath(import.meta.url));
const rows = Object.entries(traps) as [string, Trap][];

/** The traps that a target's file tests, read from its text: profile traps stand for their two. */
function testedBy(target: string): readonly string[] {
  const read = (name: string): string => readFileSync(join(here, name), "utf8");
  const text = read(`${target}.test.ts`);
  const profile = text.includes("profileTraps(") ? read("profile-checks.ts") : "";
  return [...`${text}${profile}`.matchAll(/^ *\{? ?trap: "([^"]+)",/gm)].map((m) => m[1] ?? "");
}

const targetNames = ["docker", "kubernetes", "sb", "seccomp", "systemd"] as const;

describe("the table of traps", () => {
  test("has each of the 42 and each of docker's 18 exactly once", () => {
    const general = Array.from({ length: 42 }, (_, n) => String(n + 1));
    const letters = ["a", "b", "c", "d", "e"].map((letter) => `docker ${letter}`);
    const numbers = Array.from({ length: 13 }, (_, n) => `docker ${n + 1}`);
    expect(rows.map(([id]) => id).sort()).toEqual([...general, ...letters, ...numbers].sort());
    expect(new Set(rows.map(([, { says }]) => says)).size).toBe(rows.length);
  });

  test.each(targetNames)("says of %s what its tests hold", (target) => {
    const promised = rows
      .filter(([, { concerns }]) => !("nobody" in concerns) && concerns.includes(target))
      .map(([id]) => id);
    expect([...testedBy(target)].sort()).toEqual(promised.sort());
  });

  test("gives a reason where no target is concerned", () => {
    for (const [id, { concerns }] of rows)
      if ("nobody" in concerns) expect(concerns.nobody.length, id).toBeGreaterThan(10);
  });
});
