/** Profiles as people publish them: what each permits and what it does not, and what it would be good to be told. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { fileOutside, namesOf, type rights } from "../../src/authority/paths.ts";
import { confirms } from "../../src/evaluate/sb-files.ts";
import { type LiftedProfile, liftProfile } from "../../src/lift/sb.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../fixtures/sb");

interface Published {
  readonly parameters: Readonly<Record<string, string>>;
  /** Paths, with all that may be done there by their own names: `rwx`, or `-`. */
  readonly files: Readonly<Record<string, string>>;
  /** `direction protocols host ports`. */
  readonly network: readonly string[];
  readonly connects?: Readonly<Record<string, boolean>>;
  /** Operations with their names, of those that are of interest. */
  readonly authorities?: Readonly<Record<string, readonly string[] | "open" | undefined>>;
}

const all = "tcp4 tcp6 udp4 udp6 other4 other6";

const published: Readonly<Record<string, Published>> = {
  "build-everything-but-writes": {
    parameters: { PREFIX: "/opt/homebrew" },
    files: {
      "/": "rx",
      "/etc/passwd": "rx",
      "/private/tmp/x": "rwx",
      "/opt/homebrew/bin/x": "rwx",
      "/private/var/folders/a/b/C/x": "rwx",
      "/private/var/folders/a/b/D/x": "rx",
    },
    network: [`outbound ${all} any 0-65535`, `inbound ${all} any 0-65535`, `bind ${all} any 0-65535`],
    connects: { "/private/var/run/docker.sock": true },
    authorities: { "mach-lookup": "open", "job-creation": undefined, lsopen: "open" },
  },
  "build-closed": {
    parameters: { _GLOBAL_TMP_DIR: "/private/tmp", _ALLOW_LOCAL_NETWORKING: "1" },
    files: {
      "/nix/store/abc-bash/bin/bash": "rx",
      "/nix/store/abc-bashful": "x",
      "/nix/var/build/x": "rwx",
      "/private/tmp/x": "rwx",
      "/Users/me": "x",
    },
    network: [`outbound ${all} localhost 0-65535`, `inbound ${all} any 0-65535`, `bind ${all} any 0-65535`],
    connects: { "/private/var/run/docker.sock": false },
    authorities: {
      "pseudo-tty": undefined,
      "sysctl-read": "open",
      signal: ["target same-sandbox", "target self"],
    },
  },
  "agent-workspace": {
    parameters: { ROOT_0: "/work", ROOT_0_RO_0: "/work/.git" },
    files: {
      "/Users/me/.ssh/id": "rx",
      "/work/x": "rwx",
      "/work/.git": "rx",
      "/work/.git/hooks/x": "rx",
      "/work/.gitignore": "rwx",
      "/dev/null": "rwx",
      "/private/tmpfile": "rx",
    },
    network: [],
    connects: { "/private/var/run/docker.sock": false },
    authorities: {
      "ipc-posix-sem-open": "open",
      "mach-lookup": ['global-name "com.apple.system.opendirectoryd.libinfo"'],
      "nvram-set": "open",
    },
  },
  "agent-open": {
    parameters: { TARGET_DIR: "/work", TMP_DIR: "/private/tmp/x", HOME_DIR: "/Users/me" },
    files: {
      "/Users/me/.ssh/id": "rx",
      "/Users/me/.cache/x": "rwx",
      "/Users/me/xcache/x": "rx",
      "/x/Users/me/.cache/x": "rx",
      "/work": "rwx",
      "/workspace": "rx",
    },
    network: [
      "outbound tcp4 tcp6 localhost 8877",
      `inbound ${all} localhost 9229`,
      `bind ${all} localhost 9229`,
    ],
    connects: { "/private/var/run/docker.sock": false },
    authorities: { lsopen: "open", "appleevent-send": "open", "file-mount": "open" },
  },
  "browser-content": {
    parameters: { HOME_PATH: "/Users/me", PROFILE_DIR: "/Users/me/Profile" },
    files: {
      "/System/x": "rx",
      "/Users/me/x": "r",
      "/Users/me/Library/Keychains": "-",
      "/Users/me/Library/Browser/x": "rx",
      "/Users/me/Library/Caches/a/x": "w",
      "/Users/me/Profile": "-",
      "/Users/me/Profile/chrome/x": "r",
    },
    network: [],
    authorities: {
      "mach-lookup": ['global-name "com.apple.windowserver.active"', 'global-name-prefix "com.apple.fonts."'],
      "process-info-pidinfo": ["target self"],
      "process-info-listpids": undefined,
      "dynamic-code-generation": undefined,
      "nvram-set": undefined,
      "iokit-open": ['iokit-registry-entry-class "IOSurfaceRootUserClient"'],
    },
  },
  "secrets-behind": {
    parameters: {},
    files: {
      "/Users/me/.ssh/id": "r",
      "/Users/me/work/key.pem": "r",
      "/Users/me/work/key": "rw",
      "/usr/local/bin/node": "x",
    },
    network: [],
  },
  "proxy-only": {
    parameters: {},
    files: { "/opt/tool/x": "r", "/opt/tool/bin/run": "rx" },
    network: [
      `outbound ${all} any 0-65535`,
      `inbound ${all} localhost 0-65535`,
      `bind ${all} localhost 0-65535`,
    ],
    connects: { "/private/var/run/mDNSResponder": true, "/private/var/run/docker.sock": false },
  },
};

const textOf = (name: string): string => readFileSync(join(folder, `${name}.sb`), "utf8");

/** A machine's rights at a path, links left out. */
function rightsAt({ files }: LiftedProfile, path: string): readonly (keyof typeof rights)[] {
  let state = files.start;
  for (const name of path === "/" ? [] : path.split("/").slice(1)) state = files.step(state, name);
  return namesOf(files.rightsAt(state));
}

const letters = { read: "r", write: "w", exec: "x" } as const;

describe.each(Object.entries(published))(
  "%s",
  (name, { parameters, files, network, connects, authorities }) => {
    const given = new Map(Object.entries(parameters));
    const closed = `${textOf(name)}\n(deny file-link file-clone)`;
    const lifted = liftProfile(closed, given);

    test.each(Object.entries(files))("files: %s is %s", (path, expected) => {
      const found = rightsAt(lifted, path);
      expect(found.map((right) => letters[right]).join("") || "-").toBe(expected);
      for (const right of ["read", "write", "exec"] as const)
        expect(confirms(closed, given, { path, right }), right).toBe(found.includes(right));
    });

    test("the network", () => {
      const found = lifted.network.map(
        ({ direction, protocols, host, ports }) =>
          `${direction} ${protocols.join(" ")} ${host} ${ports.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(",")}`,
      );
      expect(found).toEqual(network);
      for (const [path, expected] of Object.entries(connects ?? {})) {
        let state = lifted.sockets.connect.start;
        for (const part of path.split("/").slice(1)) state = lifted.sockets.connect.step(state, part);
        expect(lifted.sockets.connect.rightsAt(state) !== 0, path).toBe(expected);
      }
    });

    test("other authorities", () => {
      for (const [operation, expected] of Object.entries(authorities ?? {})) {
        const found = lifted.authorities.find((authority) => authority.operation === operation);
        expect(found?.open ? "open" : found?.names, operation).toEqual(expected);
      }
    });
  },
);

test("each profile is looked at", () => {
  const names = readdirSync(folder).map((file) => file.replace(/\.sb$/, ""));
  expect(names.sort()).toEqual([...Object.keys(published), "package-manifest"].sort());
});

test("an import can't be told", () => {
  expect(() => liftProfile(textOf("package-manifest"))).toThrow("differs from system to system");
});

test("what nobody denied: links, in profiles that forget them", () => {
  const given = new Map(Object.entries(published["agent-workspace"]?.parameters ?? {}));
  const lifted = liftProfile(textOf("agent-workspace"), given);
  const policy = ruleMachine([
    { pattern: "/", effect: { kind: "grant", rights: 5 } },
    { pattern: "/work", effect: { kind: "grant", rights: 2 } },
    { pattern: "/private/tmp", effect: { kind: "grant", rights: 2 } },
    { pattern: "/dev/null", effect: { kind: "grant", rights: 2 } },
    { pattern: "/work/.git", effect: { kind: "deny", rights: 2 } },
  ]);
  const witness = fileOutside(lifted.files, policy);
  expect(witness).toEqual({ path: "/", right: "write" });
  expect(lifted.why("/", "write")).toMatchObject({ operation: "file-link", reason: { kind: "default" } });
  const closed = liftProfile(`${textOf("agent-workspace")}(deny file-link file-clone)`, given);
  expect(fileOutside(closed.files, policy)).toBeUndefined();
  // The directory that holds what is denied may be renamed.
  expect(fileOutside(closed.moved(), policy)).toEqual({ path: "/work/.git", right: "write" });
});

test("the denial in the wrong slot is found, with the file that it was to protect", () => {
  const policy = ruleMachine([
    { pattern: "/usr/local/bin/node", effect: { kind: "grant", rights: 4 } },
    { pattern: "/Users/me", effect: { kind: "grant", rights: 1 } },
    { pattern: "/Users/me/work", effect: { kind: "grant", rights: 3 } },
    { pattern: "/Users/me/.ssh", effect: { kind: "deny", rights: 7 } },
  ]);
  const lifted = liftProfile(textOf("secrets-behind"));
  expect(fileOutside(lifted.files, policy)).toEqual({ path: "/Users/me/.ssh", right: "read" });
  expect(lifted.why("/Users/me/.ssh", "read")).toMatchObject({
    operation: "file-read-data",
    reason: { kind: "rule", rule: { action: "allow", operation: "file-read-data" } },
  });
});
