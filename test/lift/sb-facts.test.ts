/** What is easily got wrong in profiles, each with the operation that one would want to be shown. */
import { describe, expect, test } from "vitest";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { type FileWitness, fileOutside, type PathMachine, rights } from "../../src/authority/paths.ts";
import { sbPermits } from "../../src/evaluate/sb.ts";
import { confirms, mayOn } from "../../src/evaluate/sb-files.ts";
import { liftProfile } from "../../src/lift/sb.ts";

/** A profile that starts from a denial of everything, own defaults included. */
const closed = `(version 1)
(deny default)
(deny file-link file-clone file-map-executable process-info* nvram*)
`;
const none = new Map<string, string>();

/** What may be done below some paths. */
function granted(list: Readonly<Record<string, readonly (keyof typeof rights)[]>>): PathMachine {
  return ruleMachine(
    Object.entries(list).map(([pattern, access]) => ({
      pattern,
      effect: { kind: "grant", rights: access.reduce((mask, name) => mask | rights[name], 0) },
    })),
  );
}

const withDenial = (list: Parameters<typeof granted>[0], ...patterns: readonly string[]): PathMachine =>
  ruleMachine([
    ...Object.entries(list).map(([pattern, access]) => ({
      pattern,
      effect: { kind: "grant" as const, rights: access.reduce((mask, name) => mask | rights[name], 0) },
    })),
    ...patterns.map((pattern) => ({ pattern, effect: { kind: "deny" as const, rights: 7 } })),
  ]);

/** What a profile permits beyond a policy; the evaluator has confirmed it. */
function beyond(rules: string, policy: PathMachine, from = closed): FileWitness | undefined {
  const profile = from + rules;
  const witness = fileOutside(liftProfile(profile).files, policy);
  if (witness) expect(confirms(profile, none, witness), JSON.stringify(witness)).toBe(true);
  return witness;
}

describe("files", () => {
  const work = granted({ "/work": ["read"] });
  const secret = withDenial({ "/work": ["read"] }, "/work/.ssh");

  test("the text's order is nothing between a filtered and an unfiltered rule", () => {
    expect(beyond('(allow file-read-data (subpath "/work/x"))(deny file-read-data)', work)).toBeUndefined();
    expect(beyond('(allow file-read-data (subpath "/"))(deny file-read-data)', work)).toEqual({
      path: "/",
      right: "read",
    });
  });

  test("filters around rules hold of each of them, and all of them do", () => {
    const two =
      '(with-filter (subpath "/work") (allow file-read-data (subpath "/")) (allow file-write-data))';
    const nested = '(with-filter (subpath "/work") (with-filter (prefix "/work/a") (allow file-read-data)))';
    const around = '(with-filter (prefix "/work/a") (with-filter (subpath "/work") (allow file-read-data)))';
    expect(beyond(two, granted({ "/work": ["read", "write"] }))).toBeUndefined();
    expect(beyond(two, work)).toEqual({ path: "/work", right: "write" });
    for (const rules of [nested, around]) {
      expect(beyond(rules, work)).toBeUndefined();
      expect(beyond(rules, granted({ "/work/a": ["read"] }))?.path).toMatch(/^\/work\/a./);
    }
  });

  test("a filter of what a thing is may hold, whatever stands behind it", () => {
    expect(beyond("(allow file-read-data (extension))", work)).toEqual({ path: "/", right: "read" });
    expect(
      beyond('(allow file-read-data (require-all (extension) (subpath "/work")))', work),
    ).toBeUndefined();
  });

  test("a wildcard's denial does not reach what is allowed by its own name", () => {
    expect(
      beyond('(allow file-read-data (subpath "/work"))(deny file-read* (subpath "/work/.ssh"))', secret),
    ).toEqual({ path: "/work/.ssh", right: "read" });
    expect(
      beyond('(allow file-read* (subpath "/work"))(deny file-read* (subpath "/work/.ssh"))', secret),
    ).toBeUndefined();
    expect(
      beyond(
        '(allow file-read* (subpath "/work"))(deny file-read-data file-read-xattr (subpath "/work/.ssh"))',
        secret,
      ),
    ).toBeUndefined();
    // Extended attributes hold data too.
    expect(
      beyond('(allow file-read* (subpath "/work"))(deny file-read-data (subpath "/work/.ssh"))', secret),
    ).toEqual({ path: "/work/.ssh", right: "read" });
  });

  test("an unfiltered allow of one operation hides every denial of its parent", () => {
    const profile = `${closed}(allow file-read-metadata)(deny file-read* (subpath "/secret"))`;
    expect(fileOutside(liftProfile(profile).stat, granted({}))).toEqual({ path: "/", right: "read" });
    expect(liftProfile(profile).permits("file-read-metadata", "/secret/x")).toBe(true);
    expect(mayOn(profile, none, "file-read-metadata", "/secret/x")).toBe(true);
    expect(beyond('(allow file-read-data)(deny file-read* (subpath "/"))', work)).toEqual({
      path: "/",
      right: "read",
    });
  });

  test("a later filtered allow opens again what was denied", () => {
    const rules = '(deny file-read-data (subpath "/work/.ssh"))(allow file-read-data (subpath "/work"))';
    expect(beyond(rules, secret)).toEqual({ path: "/work/.ssh", right: "read" });
  });

  test("(deny default) leaves what has an allow of its own", () => {
    const open = '(version 1)(deny default)(allow file-read* (subpath "/work"))';
    expect(beyond("", work, open)).toEqual({ path: "/", right: "exec" });
    expect(liftProfile(open).why("/", "exec")).toEqual({
      operation: "file-map-executable",
      reason: { kind: "default", of: "file-map-executable", known: true },
    });
    const names = liftProfile(open).authorities.map(({ operation }) => operation);
    expect(names).toEqual(expect.arrayContaining(["nvram-set", "process-info-pidinfo", "syscall-unix"]));
  });

  test("a link makes a file writable by another name, where any name may be made", () => {
    const rules = `(version 1)(deny default)(deny file-map-executable file-clone)(allow file-write* (subpath "/work"))`;
    const policy = granted({ "/work": ["read", "write"] });
    expect(beyond("", policy, rules)).toEqual({ path: "/", right: "read" });
    expect(beyond("(deny file-link)", policy, rules)).toBeUndefined();
    expect(beyond('(deny file-link)(allow file-link (subpath "/work"))', policy, rules)).toBeUndefined();
    const without = `(version 1)(deny default)(deny file-map-executable file-clone)`;
    expect(beyond("", granted({}), without)).toBeUndefined();
  });

  test("several filters are an or", () => {
    const device = granted({ "/dev/null": ["write"] });
    expect(
      beyond('(allow file-write-data (literal "/dev/null") (vnode-type CHARACTER-DEVICE))', device),
    ).toEqual({
      path: "/",
      right: "write",
    });
    expect(
      beyond(
        '(allow file-write-data (require-all (literal "/dev/null") (vnode-type CHARACTER-DEVICE)))',
        device,
      ),
    ).toBeUndefined();
    const both = withDenial({ "/work": ["read"] }, "/work/a", "/work/b");
    const not = (kind: string): string =>
      `(allow file-read-data (require-all (subpath "/work") (${kind} (require-not (subpath "/work/a")) (require-not (subpath "/work/b")))))`;
    expect(beyond(not("require-any"), both)).toEqual({ path: "/work/a", right: "read" });
    expect(beyond(not("require-all"), both)).toBeUndefined();
  });

  test("a denial of what may not be so denies nothing", () => {
    const rules = '(allow file-read-data (subpath "/work"))(deny file-read-data (vnode-type DIRECTORY))';
    expect(beyond(rules, granted({}))).toEqual({ path: "/work", right: "read" });
    const not =
      '(allow file-read-data (subpath "/work"))(deny file-read-data (require-not (vnode-type DIRECTORY)))';
    expect(beyond(not, granted({}))).toEqual({ path: "/work", right: "read" });
  });

  test("a list that is empty allows everything", () => {
    expect(beyond("(allow file-write-data)", granted({}))).toEqual({ path: "/", right: "write" });
  });

  test("a prefix and an unanchored expression know no names", () => {
    expect(beyond('(allow file-read-data (prefix "/work"))', work)?.path).toMatch(/^\/work[^/]/);
    expect(beyond('(allow file-read-data (prefix "/work/"))', work)).toBeUndefined();
    expect(beyond('(allow file-read-data (regex "^/work"))', work)?.path).toMatch(/^\/work[^/]/);
    expect(beyond('(allow file-read-data (regex "/work/"))', work)?.path).toMatch(/^\/[^/]+\/work\//);
    const env = withDenial({ "/work": ["read"] }, "/work/a.env");
    expect(
      beyond(
        '(allow file-read-data (subpath "/work"))(deny file-read-data (regex "^/work/a\\\\.env(/.*)?$"))',
        env,
      ),
    ).toBeUndefined();
    expect(
      beyond('(allow file-read-data (regex "^/work/a.env$"))', granted({ "/work/a.env": ["read"] }))?.path,
    ).toMatch(/^\/work\/a[^.]env$/);
  });

  test("a name that is read as an expression is denied by another name", () => {
    const policy = withDenial({ "/work": ["read"] }, "/work/project[1]");
    const rules =
      '(allow file-read-data (subpath "/work"))(deny file-read-data (regex "^/work/project[1](/|$)"))';
    expect(beyond(rules, policy)).toEqual({ path: "/work/project[1]", right: "read" });
  });

  test("a path that no file has is a dead denial", () => {
    const policy = withDenial({ "/private/tmp": ["read"] }, "/private/tmp/token");
    for (const path of [
      "/tmp/token",
      "/private//tmp/token",
      "/private/tmp/../tmp/token",
      "/private/tmp/./token",
    ]) {
      const rules = `(allow file-read-data (subpath "/private/tmp"))(deny file-read-data (subpath "${path}"))`;
      expect(beyond(rules, policy), path).toEqual({ path: "/private/tmp/token", right: "read" });
    }
    // A slash at the end is refused by some systems and ignored by others.
    const rules =
      '(allow file-read-data (subpath "/private/tmp"))(deny file-read-data (subpath "/private/tmp/token/"))';
    expect(beyond(rules, policy)).toEqual({ path: "/private/tmp/token", right: "read" });
  });

  test("what is above a path is told, and whether the path is above itself is not", () => {
    for (const [text, above, itself] of [
      ["/", [], "/"],
      ["/a", ["/"], "/a"],
      ["/a/b", ["/", "/a"], "/a/b"],
      ["/a/b/", ["/", "/a"], "/a/b"],
    ] as const) {
      const allowed = liftProfile(`${closed}(allow file-read-data (path-ancestors "${text}"))`);
      const denied = liftProfile(`${closed}(allow file-read-data (require-not (path-ancestors "${text}")))`);
      for (const path of ["/", "/a", "/a/b", "/a/b/c", "/b"]) {
        const isAbove = (above as readonly string[]).includes(path);
        // What is not known is permitted either way.
        expect(allowed.permits("file-read-data", path), `${path} above ${text}`).toBe(
          isAbove || path === itself,
        );
        expect(denied.permits("file-read-data", path), `${path} not above ${text}`).toBe(!isAbove);
      }
    }
  });

  test("file* is more than reading and writing", () => {
    const profile = `${closed}(allow file* (subpath "/work"))`;
    expect(
      liftProfile(profile).authorities.find(({ operation }) => operation === "file-issue-extension"),
    ).toEqual({
      operation: "file-issue-extension",
      open: false,
      names: ['subpath "/work"'],
      assumed: false,
      dangers: ["hands its files to other processes"],
    });
  });

  test("a denial under a parameter that is not given is none", () => {
    const rules =
      '(allow file-read-data (subpath "/work"))(if (param "SECRETS") (deny file-read-data (subpath "/work/.ssh")))';
    expect(beyond(rules, secret)).toEqual({ path: "/work/.ssh", right: "read" });
  });

  test("a denial under an operation that a system may not have counts for others only where it is there", () => {
    const rules = (name: string): string =>
      `(allow file-read-data (subpath "/work"))(if (defined? '${name}) (deny file-read-data (subpath "/work/.ssh")))`;
    const profile = closed + rules("file-lock");
    expect(fileOutside(liftProfile(profile).files, secret)).toEqual({ path: "/work/.ssh", right: "read" });
    const question = { operation: "file-read-data", path: "/work/.ssh" };
    expect(sbPermits(profile, none, question)).toBe(false);
    expect(sbPermits(profile, none, { ...question, missing: new Set(["file-lock"]) })).toBe(true);
    expect(fileOutside(liftProfile(closed + rules("file-read-data")).files, secret)).toBeUndefined();
    const allows = `(if (defined? 'file-lock) (allow file-read-data (subpath "/work/.ssh")))`;
    expect(beyond(allows, granted({}))).toEqual({ path: "/work/.ssh", right: "read" });
  });

  test("a directory that is renamed takes what is denied in it along", () => {
    const rules = (held: string): string =>
      `${closed}(allow file-read* (subpath "/work"))(allow file-write* (subpath "/work"))
       (deny file-read* file-write* (subpath "/work/a/.ssh"))${held}`;
    const policy = withDenial({ "/work": ["read", "write"] }, "/work/a/.ssh");
    const open = liftProfile(rules(""));
    expect(fileOutside(open.files, policy)).toBeUndefined();
    expect(fileOutside(open.moved(), policy)).toEqual({ path: "/work/a/.ssh", right: "read" });
    const held = liftProfile(rules('(deny file-write-unlink (literal "/work") (literal "/work/a"))'));
    expect(fileOutside(held.moved(), policy)).toBeUndefined();
  });

  test("a program that starts without the sandbox is under no rule", () => {
    const profile = liftProfile(`${closed}(allow process-exec (literal "/bin/ps") (with no-sandbox))`);
    expect(fileOutside(profile.files, granted({}))).toEqual({ path: "/", right: "read" });
    expect(profile.unsandboxed).toHaveLength(1);
    expect(profile.network).toHaveLength(3);
  });
});

describe("the network", () => {
  const connects = (rules: string) =>
    liftProfile(closed + rules).network.filter((g) => g.direction === "outbound");
  const all = { from: 0, to: 65535 };

  test("a filter of the local end lets out to everywhere", () => {
    expect(connects('(allow network-outbound (local ip "localhost:*"))')).toMatchObject([
      { host: "any", ports: [all] },
    ]);
    expect(connects('(allow network-outbound (remote ip "localhost:3128"))')).toMatchObject([
      { host: "localhost", ports: [{ from: 3128, to: 3128 }] },
    ]);
    expect(connects('(allow network-outbound)(deny network-outbound (local ip "localhost:*"))')).toHaveLength(
      1,
    );
  });

  test("ports, protocols and families are told apart", () => {
    expect(connects('(allow network-outbound (remote tcp "*:443") (remote udp4 "*:53"))')).toEqual([
      { direction: "outbound", host: "any", ports: [{ from: 443, to: 443 }], protocols: ["tcp4", "tcp6"] },
      { direction: "outbound", host: "any", ports: [{ from: 53, to: 53 }], protocols: ["udp4"] },
    ]);
    expect(
      connects('(allow network-outbound (remote tcp))(deny network-outbound (remote ip "localhost:22"))'),
    ).toEqual([
      {
        direction: "outbound",
        host: "any",
        ports: [
          { from: 0, to: 21 },
          { from: 23, to: 65535 },
        ],
        protocols: ["tcp4", "tcp6"],
      },
      { direction: "outbound", host: "other", ports: [{ from: 22, to: 22 }], protocols: ["tcp4", "tcp6"] },
    ]);
  });

  test("what lets in lets bind, and not the other way round", () => {
    const of = (rules: string) => liftProfile(closed + rules).network.map(({ direction }) => direction);
    expect(of('(allow network-inbound (local tcp "*:80"))')).toEqual(["inbound", "bind"]);
    expect(of('(allow network-bind (local tcp "*:80"))')).toEqual(["bind"]);
  });

  test("an unfiltered allow reaches every socket of the file system", () => {
    const sockets = (rules: string) => fileOutside(liftProfile(closed + rules).sockets.connect, granted({}));
    expect(sockets("(allow network*)")).toEqual({ path: "/", right: "write" });
    expect(sockets("(allow network-outbound (remote unix-socket))")).toEqual({ path: "/", right: "write" });
    expect(sockets('(allow network-outbound (remote tcp "*:443"))')).toBeUndefined();
    expect(sockets('(allow network-outbound (subpath "/private/var/run"))')).toEqual({
      path: "/private/var/run",
      right: "write",
    });
    expect(liftProfile(`${closed}(allow network*)`).otherFamilies).toEqual(["outbound", "inbound", "bind"]);
    expect(liftProfile(`${closed}(allow network-outbound (literal "/s"))`).otherFamilies).toEqual([]);
  });
});

describe("other authorities", () => {
  const of = (rules: string, operation: string) =>
    liftProfile(closed + rules).authorities.find((authority) => authority.operation === operation);

  test("names are told from a list with exceptions", () => {
    expect(of('(allow mach-lookup (global-name "com.example.a"))', "mach-lookup")).toMatchObject({
      open: false,
      names: ['global-name "com.example.a"'],
      dangers: [],
    });
    const list = of(
      '(allow mach-lookup)(deny mach-lookup (global-name "com.apple.SecurityServer"))',
      "mach-lookup",
    );
    expect(list?.open).toBe(true);
    expect(list?.dangers).toContain("com.apple.pasteboard.1: reads and writes the clipboard");
    expect(list?.dangers.some((text) => text.startsWith("com.apple.SecurityServer"))).toBe(false);
    expect(of('(allow mach-lookup (global-name-prefix ""))', "mach-lookup")?.dangers.length).toBeGreaterThan(
      5,
    );
  });

  test("sysctl-write is every sysctl", () => {
    expect(of('(allow sysctl-write (sysctl-name "kern.tcsm_enable"))', "sysctl-read")?.names).toEqual([
      'sysctl-name "kern.tcsm_enable"',
    ]);
  });

  test("signals go where the target says", () => {
    expect(of("(deny signal)", "signal")).toMatchObject({ open: false, names: ["target self"], dangers: [] });
    expect(of("(allow signal (target same-sandbox))", "signal")?.dangers).toEqual([]);
    expect(of("(allow signal)", "signal")?.dangers).toEqual(["others: ends other programs"]);
  });

  test("what later systems decide is not known", () => {
    expect(of("", "mach-task-read")).toMatchObject({ open: true, assumed: true });
    expect(of("(deny mach-task-read)", "mach-task-read")).toBeUndefined();
  });
});
