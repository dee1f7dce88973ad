import { describe, expect, test } from "vitest";
import type { BlockDeclaration } from "../../src/syntax/ast.ts";
import { parse } from "../../src/syntax/parse.ts";
import type { ClauseKeyword } from "../../src/syntax/tokens.ts";

const codes = (text: string): string[] => parse({ name: "p.mcp", text }).diagnostics.map((d) => d.code);
const block = (text: string): BlockDeclaration => {
  const { value, diagnostics } = parse({ name: "p.mcp", text });
  expect(diagnostics.map((d) => d.message)).toEqual([]);
  return value.declarations.find((d) => d.kind === "server") as BlockDeclaration;
};
const inServer = (clauses: string): string => `server fs <\n${clauses}\n>`;

describe("what is a policy", () => {
  test("the line that everything starts from", () => {
    const { clauses } = block("server fs < read ./project; net none; syscalls default-deny + [...] >");
    expect(clauses.map((c) => c.kind)).toEqual(["read", "net", "syscalls"]);
  });

  test("words with `=` and `:` unquoted, IPv6, Windows line ends", () => {
    const { clauses } = block(
      'server fs <\r\n  run node x.js --port=80 --name="a b" http://[::1]:80/;\r\n  net connect [2001:db8::/32]:443, 10.0.0.0/8:5432-5440/udp;\r\n>',
    );
    const run = clauses[0];
    expect(run?.kind === "run" && run.words.map((w) => w.text)).toEqual([
      "node",
      "x.js",
      "--port=80",
      "--name=a b",
      "http://[::1]:80/",
    ]);
    const net = clauses[1];
    expect(net?.kind === "net" && net.endpoints[0]?.host).toEqual({
      kind: "network",
      family: "ipv6",
      address: "2001:db8::",
      prefix: 32,
    });
    expect(net?.kind === "net" && net.endpoints[1]?.ports).toEqual({ from: 5432, to: 5440 });
  });

  test("every keyword of a clause begins that clause, `runtime` behind `run` too", () => {
    const written: Readonly<Record<ClauseKeyword, string>> = {
      accept: "accept docker: limits.io",
      deny: "deny ./a",
      env: "env A",
      exec: "exec ./a",
      image: `image a/b@sha256:${"0".repeat(64)}`,
      isolation: "isolation container",
      limits: "limits < files 8 >",
      net: "net none",
      read: "read ./a",
      run: "run node ./a.js",
      runtime: "runtime node",
      syscalls: "syscalls default-deny + [...]",
      tmp: "tmp 1MiB",
      unix: "unix ./a",
      user: "user 1:1",
      write: "write ./a",
    };
    for (const [kind, text] of Object.entries(written))
      expect(block(inServer(text)).clauses.map((clause) => clause.kind)).toEqual([kind]);
  });

  test("no word is reserved", () => {
    expect(block("server env < read ./deny >").name.text).toBe("env");
    expect(block("server server < net none >").name.text).toBe("server");
  });

  test("what `accept` accepts may be called as a clause is, first of its list as well", () => {
    const { clauses } = block(
      inServer("accept docker: unix; accept sb, systemd: user; accept all: user, unix; tmp 1MiB"),
    );
    expect(clauses.map((c) => c.kind === "accept" && c.items.map((item) => item.text))).toEqual([
      ["unix"],
      ["user"],
      ["user", "unix"],
      false,
    ]);
  });

  test("empty clauses, empty lists, empty values, no last `;`", () => {
    block("server fs < ;; read ./a;; env A=; syscalls default-deny + [] ; >");
    block("\uFEFFlanguage 1;\nserver fs <>");
  });

  test("conditions", () => {
    const { clauses } = block(
      inServer(
        "syscalls default-deny + [..., ioctl(cmd in {TCGETS, 0x541B}), prctl(option = PR_SET_NAME, arg2 & 0xff = 1)]",
      ),
    );
    const calls = clauses[0]?.kind === "syscalls" ? clauses[0].lists[0]?.calls : [];
    expect(calls?.[1]).toMatchObject({
      name: "ioctl",
      conditions: [{ argument: { text: "cmd" }, values: [{ text: "TCGETS" }, { text: "0x541B" }] }],
    });
    expect(calls?.[2]).toMatchObject({
      conditions: [{}, { mask: { text: "0xff" }, values: [{ text: "1" }] }],
    });
  });

  test("an IPv4 address in IPv6 clothes is that IPv4 address", () => {
    const { clauses } = block(inServer("net connect [::ffff:10.0.0.0/104]:80"));
    expect(clauses[0]?.kind === "net" && clauses[0].endpoints[0]?.host).toEqual({
      kind: "network",
      family: "ipv4",
      address: "10.0.0.0",
      prefix: 8,
    });
  });
});

describe("what is none gets one calm diagnostic, and the rest is still read", () => {
  test.each([
    ["a missing `;`", inServer("read ./a\nwrite ./b;"), ["MC1002"]],
    ["a missing `;` on one line", inServer("net none deny ./b;"), ["MC1002"]],
    ["a clause behind the colon of `accept`", inServer("accept docker: unix /run/a;"), ["MC1025"]],
    ["a deny behind `run`", inServer("run node x deny ./b;"), ["MC1019"]],
    ["a missing `>`", "server a <\nread ./a;\nserver b < net none >", ["MC1003"]],
    ["braces", "server a {\nread ./a;\n}", ["MC1004", "MC1004"]],
    ["a misspelt clause with its block", inServer("limts < memory 1MiB; cpu 5% >;\nread ./a;"), ["MC1005"]],
    ["a trailing comma", inServer("syscalls default-deny + [read, write,]"), ["MC1006"]],
    ["alternatives with `|`", inServer("syscalls default-deny + [ioctl(cmd = (A|B))]"), ["MC1024"]],
    ["a space in a size", inServer("tmp 64 MiB"), ["MC1013"]],
    ["spaces around `=`", inServer("env A = b"), ["MC1012"]],
    ["`#` in a word", inServer("read ./a#b"), ["MC1010"]],
    ["a lost bracket", inServer("syscalls default-deny + [read, write;\nread ./a;"), ["MC1023"]],
    ["a lost parenthesis", inServer("syscalls default-deny + [ioctl(cmd = TCGETS];\nread ./a;"), ["MC1024"]],
    ["invisible characters in comments too", "# a\u202eb\nserver a < net none >", ["MC1011"]],
    ["a number without its unit", inServer("limits < memory 512 >"), ["MC1013"]],
    ["host bits behind a prefix", inServer("net connect 10.0.0.1/8:80"), ["MC1020"]],
    ["an octal-looking address", inServer("net connect 010.0.0.1:80"), ["MC1020"]],
    ["nothing at all behind `-`", inServer("syscalls default-deny + [...] - []"), ["MC1028"]],
  ])("%s", (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test("both clauses around a missing `;` stay", () => {
    const { value } = parse({ name: "p", text: inServer("read ./a\ndeny ./a/b\nnet none") });
    const [declaration] = value.declarations;
    expect(declaration?.kind === "server" && declaration.clauses.map((c) => c.kind)).toEqual([
      "read",
      "deny",
      "net",
    ]);
  });
});
