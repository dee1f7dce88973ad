/** A deleted token or line never leaves a policy valid and wider. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/compile/analyse.ts";
import { hasErrors } from "../../src/diagnostics/diagnostic.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { lex } from "../../src/syntax/lexer.ts";
import { randomPolicies, worldProject } from "../support/random-policies.ts";
import { wider } from "../support/wider.ts";

const rich = `language 1;
group @mine [read, write, fsync, fdatasync];

profile house <
  limits < memory 512MiB; processes 64; files 256 >;
  deny **/.env, ./d/e;
  isolation container;
>

server s extends house <
  run node ./program/index.js --port=80;
  runtime node;
  read ./a, ./d;
  write ./a/b;
  deny write ./d, ./a/bc;
  deny exec ./a/b/c;
  deny ./a/b/x.key;
  tmp 64MiB;
  net connect api.example.com:443, 10.0.0.0/8:5432;
  unix /run/app/app.sock;
  env TOKEN, NODE_ENV=production;
  user 10001:10001;
  limits < cpu 50%; time 8h >;
  syscalls default-deny + [..., @mine, prctl(option = PR_SET_NAME, arg2 = 1), ioctl(cmd in {TCGETS, FIONREAD}), openat(flags & 3 = 0)] - [chmod, clone(flags & 0x7e020000 = 0x10000000)];
  accept sb, docker: tmp.size, limits.time;
  accept all: deny.future;
>
`;

function lowered(text: string): ServerIr | undefined {
  const { results, diagnostics } = analyse(worldProject(text), ["linux"]);
  return hasErrors(diagnostics) ? undefined : results.get("linux")?.ir.servers.find((s) => s.name === "s");
}

/** What a changed text permits beyond the server; nothing where it is an error, or the server is gone. */
function widened(before: ServerIr, text: string): readonly string[] {
  const now = lowered(text);
  return now === undefined ? [] : wider(now, before);
}

/**
 * Each text with one of its tokens left out, and the token. Left alone are words of `run`, which choose the program, and
 * the `deny` of `deny write` and `deny exec`: what is left of those is a clause by itself, in any order of its words.
 */
function deletions(text: string): readonly { readonly without: string; readonly token: string }[] {
  const runs = [...text.matchAll(/^ *run .*$/gm)].map(({ index, 0: line }) => [index, index + line.length]);
  const { tokens } = lex({ name: "p", text });
  return tokens
    .filter((token, at) => token.image !== "deny" || !/^(?:write|exec)$/.test(tokens[at + 1]?.image ?? ""))
    .filter((token) =>
      runs.every(([start = 0, end = 0]) => token.startOffset < start || token.startOffset >= end - 1),
    )
    .map((token) => ({
      without: text.slice(0, token.startOffset) + text.slice(token.startOffset + token.image.length),
      token: `${token.image} at ${token.startLine}:${token.startColumn}`,
    }));
}

describe("a deleted token leaves no policy valid and wider", () => {
  test("in a policy with everything", () => {
    const before = lowered(rich);
    if (!before) throw new Error("the policy has errors");
    const found = deletions(rich).flatMap(({ without, token }) => {
      const more = widened(before, without);
      return more.length > 0 ? [`${token}: ${more.join(", ")}`] : [];
    });
    expect(found).toEqual([]);
  });

  test("nor does a deleted line end", () => {
    const before = lowered(rich);
    if (!before) throw new Error("the policy has errors");
    const ends = [...rich.matchAll(/\n/g)].map(({ index }) => index);
    for (const at of ends) {
      const joined = `${rich.slice(0, at)} ${rich.slice(at + 1)}`;
      expect(widened(before, joined), rich.slice(Math.max(0, at - 30), at + 30)).toEqual([]);
    }
  });

  test("in random policies", () => {
    let valid = 0;
    fc.assert(
      fc.property(randomPolicies(""), fc.nat(), ({ text }, choice) => {
        const before = lowered(text);
        const all = deletions(text);
        const chosen = all[choice % all.length];
        if (!before || !chosen) return;
        if (lowered(chosen.without)) valid++;
        expect({ token: chosen.token, more: widened(before, chosen.without) }, text).toEqual({
          token: chosen.token,
          more: [],
        });
      }),
      { numRuns: process.env.MCPC_LONG ? 20_000 : 1000 },
    );
    // Some deletions do leave a valid policy: an item of a list of grants, a `;` before a `>`.
    expect(valid).toBeGreaterThan(5);
  });
});
