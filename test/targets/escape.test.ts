/** Each escaper, string by string: what a format's own manual says stands for it, or why the format can't hold it. */
import { describe, expect, test } from "vitest";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import {
  asciiLine,
  composeString,
  csvField,
  dockerfileJson,
  dockerfileSource,
  notAnArgument,
  notAPath,
  shellWord,
} from "../../src/targets/escape/text.ts";
import { printYaml, yamlString } from "../../src/targets/escape/yaml.ts";
import { patternRegex } from "../../src/targets/sb/escape.ts";
import { printSandboxProfile } from "../../src/targets/sb/print.ts";
import { shortHash } from "../../src/targets/shared/hash.ts";
import { checkSection } from "../../src/targets/systemd/directives.ts";
import { unitBindPath, unitLinePath, unitPath, unitWord } from "../../src/targets/systemd/escape.ts";
import { line, renderTemplate } from "../../src/targets/template.ts";

const nul = "it holds a NUL, which ends a string for the kernel";
const unicode = "it is not valid Unicode";
const lineEnd = "it holds a line end";
const control = "it holds a control character";
const invisible = "it holds an invisible or bidirectional character";
const lax = "it is not normalised";

describe("what can be said at all", () => {
  test.each<[string, string | undefined, string | undefined]>([
    ["/a b/c'd\"e\\f", undefined, undefined],
    ["", undefined, undefined],
    ["/a\0b", nul, nul],
    ["/a\ud800", unicode, unicode],
    ["/a\nb", undefined, lineEnd],
    ["/a\rb", undefined, lineEnd],
    ["/a\u0085b", undefined, lineEnd],
    ["/a\u2028b", undefined, lineEnd],
    ["/a\u2029b", undefined, lineEnd],
    ["/a\tb", undefined, control],
    ["/a\u001fb", undefined, control],
    ["/a\u007fb", undefined, control],
    ["/a\u009fb", undefined, control],
    ["/a\u00a0b", undefined, undefined],
    ["/a\u200bb", undefined, invisible],
    ["/a\u200fb", undefined, invisible],
    ["/a\u202ab", undefined, invisible],
    ["/a\u202eb", undefined, invisible],
    ["/a\u2060b", undefined, invisible],
    ["/a\u2069b", undefined, invisible],
    ["/a\ufeffb", undefined, invisible],
    ["/a/../b", undefined, lax],
    ["/a/..", undefined, lax],
    ["/a//b", undefined, lax],
    ["/a/..b", undefined, undefined],
    ["/é/😀", undefined, undefined],
  ])("%j", (text, argument, path) => {
    expect(notAnArgument(text)).toBe(argument);
    expect(notAPath(text)).toBe(path);
  });
});

test("a line of ASCII", () => {
  expect(asciiLine("a~ é\n😀\x7f")).toBe("a~ \\u{e9}\\u{a}\\u{1f600}\\u{7f}");
});

test("a word of a shell", () => {
  expect(["", "a b", "it's $x"].map(shellWord)).toEqual(["''", "'a b'", "'it'\\''s $x'"]);
});

test("compose takes two dollars for one", () => {
  expect(composeString("$a$$ $(b)")).toBe("$$a$$$$ $$(b)");
});

test("a field of CSV is quoted where it must be", () => {
  expect(["a=b", "a,b", 'a"b', "a b", "a\tb"].map(csvField)).toEqual([
    "a=b",
    '"a,b"',
    '"a""b"',
    '"a b"',
    '"a\tb"',
  ]);
});

test("a path of a Dockerfile's COPY: no variable, no quote, no pattern", () => {
  expect(dockerfileJson("a$b\\c'd\"e")).toBe('"a\\\\$b\\\\\\\\c\\\\\'d\\\\\\"e"');
  expect(dockerfileSource("a/b c")).toEqual({ ok: true, value: '"a/b c"' });
  for (const path of ["a*b", "a?b", "a[b"]) expect(dockerfileSource(path), path).toMatchObject({ ok: false });
  expect(dockerfileSource("a\nb")).toEqual({ ok: false, reason: lineEnd });
});

describe("units (systemd.syntax(7), systemd.unit(5))", () => {
  test.each<[string, string, string, string]>([
    ["/a", '"/a"', '"/a"', "/a"],
    ["/a b", '"/a b"', '"/a b"', "/a\\ b"],
    ["/a%b%c", '"/a%%b%%c"', '"/a%%b%%c"', "/a%%b%%c"],
    ['/a"b', '"/a\\"b"', '"/a\\"b"', '/a\\"b'],
    ["/a\\b", '"/a\\\\b"', '"/a\\\\b"', "/a\\\\b"],
    ["/a:b", '"/a:b"', '"/a:b"', "/a\\:b"],
    ["/a'b", `"/a'b"`, `"/a'b"`, "/a\\'b"],
  ])("%j as a word, a path, and one of a bind", (text, word, path, bind) => {
    expect(unitWord(text)).toEqual({ ok: true, value: word });
    expect(unitPath(text)).toEqual({ ok: true, value: path });
    expect(unitBindPath(text)).toEqual({ ok: true, value: bind });
  });

  test("a word may hold control characters, a path none", () => {
    expect(unitWord("\n\t\r\x01\x1b\x7f$")).toEqual({ ok: true, value: '"\\n\\t\\r\\x01\\x1b\\x7f$"' });
    expect(unitWord("a\0")).toEqual({ ok: false, reason: nul });
    for (const quote of [unitPath, unitBindPath, unitLinePath])
      expect(quote("/a\tb")).toEqual({ ok: false, reason: control });
  });

  test("a line holds a mebibyte (LONG_LINE_MAX)", () => {
    const reason = "it is too long for a line of a unit file";
    expect(unitWord("a".repeat(500_000))).toMatchObject({ ok: true });
    expect(unitWord("a".repeat(500_001))).toEqual({ ok: false, reason });
  });

  test("a path that takes its line: what would be cut off its ends can't be said", () => {
    const reason = "it begins or ends with white space, or ends with a backslash";
    expect(unitLinePath("/a b%")).toEqual({ ok: true, value: "/a b%%" });
    for (const path of [" /a", "/a ", "/a\\"]) expect(unitLinePath(path)).toEqual({ ok: false, reason });
    expect(unitLinePath("/a\\b")).toEqual({ ok: true, value: "/a\\b" });
  });

  test("a directive of another section, or of a later release, is never written", () => {
    const check = (section: "Service" | "Unit", name: string, major: number) => () =>
      checkSection(
        { name: section, settings: [{ name, value: "yes" }] },
        { ...defaultEnvironment, systemd: { major, minor: 0 } },
      );
    expect(check("Service", "PrivatePIDs", 257)).not.toThrow();
    expect(check("Service", "PrivatePIDs", 256)).toThrow(
      "PrivatePIDs= was about to be written to [Service] for systemd 256",
    );
    expect(check("Unit", "PrivateIPC", 257)).toThrow("PrivateIPC= was about to be written to [Unit]");
    expect(check("Service", "Nonsense", 257)).toThrow("Nonsense= was about to be written to [Service]");
  });
});

test("YAML: every string in quotes, and in ASCII (YAML 1.2, 5.7)", () => {
  expect(yamlString('a"b\\c')).toBe('"a\\"b\\\\c"');
  expect(yamlString(" ~\x1f\x7f")).toBe('" ~\\x1f\\x7f"');
  expect(yamlString("\n\u00ff\u0100\uffff\u{10000}\u{1f600}")).toBe(
    '"\\x0a\\xff\\u0100\\uffff\\U00010000\\U0001f600"',
  );
  const long = "word ".repeat(40);
  expect(printYaml({ a: [], b: {}, c: [1, true, long] }, ["top"])).toBe(
    `# top\n"a": []\n"b": {}\n"c":\n  - 1\n  - true\n  - "${long}"\n`,
  );
  for (const number of [1e21, 0.1e-7, Number.NaN, 2 ** 53])
    expect(() => printYaml({ n: number }, [])).toThrow(RangeError);
});

test("a policy's pattern as AppleMatch reads it: the match, and all below", () => {
  const rows: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    [
      "/a/*.key",
      "^/a/[^/]*\\.key(/.*)?$",
      ["/a/x.key", "/a/.key", "/a/x.key/b"],
      ["/a/x.keys", "/a/b/x.key"],
    ],
    ["/**/.env", "^(/[^/]+)*/\\.env(/.*)?$", ["/.env", "/a/b/.env"], ["/a/xenv", "/a.env"]],
    ["/a/**", "^/a(/[^/]+)*(/.*)?$", ["/a", "/a/b/c"], ["/ab"]],
    ["/a+b(c)|[d]?^$", "^/a\\+b\\(c\\)\\|\\[d\\]\\?\\^\\$(/.*)?$", ["/a+b(c)|[d]?^$"], ["/aab"]],
  ];
  for (const [pattern, regex, matches, others] of rows) {
    expect(patternRegex(pattern)).toBe(regex);
    for (const path of matches) expect(path).toMatch(new RegExp(regex));
    for (const path of others) expect(path).not.toMatch(new RegExp(regex));
  }
});

test("a short hash is FNV-1a of 64 bits", () => {
  // The vectors of draft-eastlake-fnv.
  expect(["", "a", "foobar"].map(shortHash)).toEqual([
    "cbf29ce484222325",
    "af63dc4c8601ec8c",
    "85944171f73967e8",
  ]);
});

describe("what would be a bug of ours stops the compile", () => {
  test("a line end in a line", () => {
    expect(line("a\tb")).toBe("a\tb");
    for (const end of ["\n", "\r", "\0", "\u0085", "\u2028", "\u2029"])
      expect(() => line(`a${end}b`)).toThrow("a line end was about to be printed by a template");
  });

  test("a template without what it needs", () => {
    expect(() => renderTemplate("nonsense", {})).toThrow("there is no template nonsense");
    expect(() => renderTemplate("dockerignore", { header: [] })).toThrow("{{#each}} was given no list");
    const launcher = { header: [], checked: [], limits: [], temporary: [] };
    expect(() => renderTemplate("launcher.sh", launcher)).toThrow("{{#if}} was given no switch");
  });

  test("an allow without a filter", () => {
    const profile = (operations: readonly string[], filters: readonly string[]) => () =>
      printSandboxProfile(
        {
          server: "s",
          sections: [{ title: "t", rules: [{ operations, filters }] }],
          parameters: [],
          checked: [],
          workingDirectory: "/",
          environment: [],
          temporary: false,
          limits: {},
        },
        [],
      );
    expect(profile(["process-fork"], [])).not.toThrow();
    expect(profile(["file-read*", "signal"], ['(literal "/a")'])).not.toThrow();
    expect(profile(["process-fork", "signal"], [])).toThrow(
      "an allow of process-fork, signal without a filter was about to be printed",
    );
  });
});
