/** Profiles that can't be read, or whose meaning can't be told, each with what is said of it and where. */
import { describe, expect, test } from "vitest";
import { liftProfile, SbError } from "../../src/lift/sb.ts";

function refusal(profile: string | Uint8Array): SbError {
  try {
    liftProfile(profile);
  } catch (error) {
    if (error instanceof SbError) return error;
    throw error;
  }
  throw new Error(`this was read: ${profile}`);
}

describe("what is no text of expressions", () => {
  test.each([
    [Uint8Array.of(0x28, 0xff, 0x29), "the profile is not valid UTF-8", 0],
    ["(version 1)\0", "the profile holds a NUL", 11],
    ["(version 1)\ud800", "the profile is not valid Unicode", 0],
    ["(version 1", "a `(` has no end", 0],
    ["(version 1))", "a `)` without its `(`", 11],
    ['(version 1)(allow file-read* (literal "/a', "a string has no end", 38],
    ['(version 1)(allow file-read* (literal #"/a', "a raw string has no end", 38],
    ['(version 1)(allow file-read* (literal "/\\x0"))', "`\\x` needs two hexadecimal digits", 41],
    ['(version 1)(allow file-read* (literal "/\\777"))', "`\\777` is no byte", 41],
    ['(version 1)(allow file-read* (literal "/\\0"))', "a string holds a NUL", 38],
    ['(version 1)(allow file-read* (literal "/\\xff"))', "a string is not valid UTF-8", 38],
    ["(version 1)(allow file-read* [])", "`[]` can't be read", 29],
    [`(version 1)${"(".repeat(300)}`, "this is nested too deeply", 212],
    [`(version 1)${"'".repeat(300)}`, "this is nested too deeply", 212],
  ])("%s", (profile, message, offset) => {
    const found = refusal(profile);
    expect(found.message).toContain(message);
    expect(found.offset).toBe(offset);
  });

  test("blanks, comments and numbers of every radix are read", () => {
    const profile =
      "; a comment\n\f(version #x1)\r\n(version #b1)(version #o1)(version #d1)\t(deny default)\v; the end";
    expect(liftProfile(profile).permits("file-read-data", "/a")).toBe(false);
  });
});

describe("what is no profile", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["(deny default)", "a profile begins with its version"],
    ["", "a profile begins with its version"],
    ["(version 2)", "only version 1 of the language is known"],
    ["(version 1)(debug 1 2)", "`debug` takes a word"],
    ["(version 1)()", "an empty list"],
    ['(version 1)(import "system.sb")', "what an import brings in differs from system to system"],
    ["(version 1)(alow default)", "`alow` is not known"],
    ["(version 1)(allow)", "a rule without an operation"],
    ['(version 1)(allow (subpath "/a"))', "a rule without an operation"],
    ["(version 1)(allow file-reed*)", "`file-reed*`"],
    ['(version 1)(allow file-read* "/a")', "this is no operation, filter or modifier"],
    ['(version 1)(allow file-read* (subpth "/a"))', "`subpth`"],
    ['(version 1)(allow file-read* (subpath "a"))', "`a` is no absolute path"],
    ['(version 1)(allow file-read* (path-ancestors "a"))', "`a` is no absolute path"],
    ['(version 1)(allow file-read* (subpath "/a" "/b"))', "`subpath` takes one argument"],
    ["(version 1)(allow file-read* (subpath 1))", "a string is expected here"],
    ['(version 1)(allow file-read* (regex "^/(a"))', "a `(` has no end"],
    ['(version 1)(allow file-read* (regex "^/[a"))', "a `[` has no end"],
    ['(version 1)(allow file-read* (regex "^/[b-a]"))', "the range `b-a` can't be read"],
    [
      '(version 1)(allow file-read* (require-not (subpath "/a") (subpath "/b")))',
      "`require-not` takes exactly one filter",
    ],
    ["(version 1)(allow file-read* (require-not))", "`require-not` takes exactly one filter"],
    ["(version 1)(allow file-read* (require-all))", "`require-all` of nothing"],
    ["(version 1)(allow file-read* (require-any 1))", "a filter is expected here"],
    [
      '(version 1)(allow network-outbound (remote tcp "example.org:80"))',
      "a host is `*` or `localhost`, with a port",
    ],
    ['(version 1)(allow network-outbound (remote tcp "*:70000"))', "there is no port 70000"],
    ['(version 1)(allow network-outbound (remote tpc "*:1"))', "`remote` needs a protocol"],
    ["(version 1)(with-filter 1 (allow file-read*))", "a filter is expected here"],
    ["(version 1)(if)", "`if` takes a test and one or two branches"],
    ["(version 1)(when)", "`when` takes a test"],
    ["(version 1)(unless)", "`unless` takes a test"],
    ["(version 1)(if (defined? file-read*) (allow file-read*))", "`defined?` asks for one quoted name"],
    ["(version 1)(define)", "this definition can't be read"],
    ['(version 1)(define allow "/a")', "`allow` has a meaning already"],
    ["(version 1)(define (f x) (allow file-read* (subpath x)))(f)", "the number of arguments is wrong"],
    ['(version 1)(define a "/a")(a)', "this can't be called"],
    ["(version 1)(define (f) (f))(f)", "calls are nested too deeply"],
    ['(version 1)(let ("/a") (allow file-read*))', "`let` needs names with their values"],
    ["(version 1)(let a (allow file-read*))", "`let` needs a list of names"],
    ["(version 1)(allow file-read* (literal (param)))", "`param` takes one name"],
    ["(version 1)(allow file-read* (literal 'a))", "a string is expected here"],
    ["(version 1)(allow file-read* (with sned-signal SIGKILL))", "`sned-signal`"],
    ["(version 1)(allow file-read* (with no-sandbox))", "`no-sandbox` fits an allow of process-exec only"],
    ["(version 1)(deny process-exec (with no-sandbox))", "`no-sandbox` fits an allow of process-exec only"],
    ["(version 1)(allow file-read* (with))", "this modifier can't be read"],
  ];
  test.each(rows)("%s", (profile, message) => {
    expect(refusal(profile).message).toContain(message);
  });
});
