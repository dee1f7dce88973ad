import { describe, expect, test } from "vitest";
import { podFile, podOf } from "../support/manifests.ts";
import { edited, type Output, outputOf } from "../support/outputs.ts";
import { policyText } from "../support/policies.ts";
import * as check from "./kubernetes-checks.ts";
import { profileTraps } from "./profile-checks.ts";
import { holdTraps, type Seed, type TrapTest } from "./trap.ts";

/** Edits a manifest, of which the keys are first written without quotes. */
const manifest =
  (path: (output: Output) => string, from: string | RegExp, to: string): Seed["spoil"] =>
  (output) =>
    edited(edited(output, path(output), /^([- ]*)"([\w$.-]+)":/m, "$1$2:"), path(output), from, to);
const pod = (from: string | RegExp, to: string): Seed["spoil"] => manifest(podFile, from, to);
const policy = (from: string | RegExp, to: string): Seed["spoil"] =>
  manifest(() => "networkpolicy.yaml", from, to);
const seed = (what: string, of: string, spoil: Seed["spoil"], environment?: string): Seed => ({
  what,
  policy: of,
  spoil,
  ...(environment !== undefined && { environment }),
});

const tests: readonly TrapTest[] = [
  ...profileTraps("image"),
  {
    trap: "21",
    check: check.readOnlyIsRecursive,
    seeds: [
      seed("not recursive", "image", pod(/^ +recursiveReadOnly: .*\n/m, "")),
      seed(
        "what 1.30 drops",
        "image",
        pod(/^( +)readOnly: true$/m, '$1readOnly: true\n$1recursiveReadOnly: "Enabled"'),
        "kubernetes=1.30",
      ),
      seed("silence before 1.31", "image", pod(/^#.*inside the claims.*\n/m, ""), "kubernetes=1.30"),
      seed("a writable claim", "image", pod("readOnly: true", "readOnly: false")),
    ],
  },
  {
    trap: "23",
    check: check.nothingElseIsWritable,
    seeds: [
      seed("a writable root", "image", pod("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")),
      seed("shared memory", "imageRun", pod('mountPath: "/dev/shm"', 'mountPath: "/dev/sham"')),
      seed(
        "a cover that is writable",
        "program",
        pod(/(mountPath: "\/dev\/mqueue"\n +readOnly:) true/, "$1 false"),
      ),
      seed("silence about the termination message", "image", pod(/^#.*termination-log.*\n/m, "")),
    ],
  },
  {
    trap: "24",
    check: check.userAndGroup,
    seeds: [
      seed("no group", "image", pod(/^ +runAsGroup: .*\n/m, "")),
      seed("root's group", "image", pod("runAsGroup: 1000", "runAsGroup: 0")),
      seed("groups of the image", "image", pod(/^ +supplementalGroupsPolicy: .*\n/m, "")),
    ],
  },
  {
    trap: "32",
    check: check.kernelIsAdmitted,
    seeds: [
      seed("silence", "kernel", pod(/^#.*gVisor.*\n/m, "")),
      seed("runc", "kernel", pod(/^ +runtimeClassName: .*\n/m, "")),
    ],
  },
  {
    trap: "40",
    check: (o) => check.networkIsClosed(o) ?? check.componentFails(o),
    seeds: [
      seed("an empty rule", "image", policy("egress: []", "egress: [{}]")),
      seed("no peers", "imageListens", policy(/to:\n +- ipBlock:\n +cidr: .*\n +(ports:)/, "$1")),
      seed("no ports", "imageListens", policy(/ +ports:\n +- protocol: "TCP"\n +port: 443\n?/, "")),
      seed("one direction", "image", policy(/ +- "Egress"\n/, "")),
      seed("no list", "image", policy(/ +egress: \[\]\n?/, "")),
      seed(
        "nobody is selected",
        "image",
        policy('io/name": "mcp-fs"\n  policyTypes', 'io/name": "mcp-gs"\n  policyTypes'),
      ),
      seed("another namespace", "image", policy('namespace: "mcp-fs"', 'namespace: "default"')),
      seed("one more port", "imageListens", policy("port: 8080", "port: 80")),
      seed("silence about plugins", "imageListens", pod(/^#.*network plugin.*\n/m, "")),
      seed("a patch that finds nothing", "program", (o) =>
        edited(o, "kustomization.yaml", '"patch.yaml"', '"patch.yaml"\n    target:\n      kind: Pod'),
      ),
      seed("the pod's own variables", "program", pod(/^ +- \$patch: "replace"\n/m, "")),
      seed("the pod's own capabilities", "program", pod(/^ +\$patch: "replace"\n/m, "")),
    ],
  },
  {
    trap: "41",
    check: check.profileIsTheContainers,
    seeds: [
      seed(
        "the pause container under Localhost",
        "image",
        pod('type: "RuntimeDefault"', 'type: "Localhost"'),
      ),
      seed("a path that leads out", "image", pod('localhostProfile: "', 'localhostProfile: "../')),
      seed("the default for the server", "image", pod('type: "Localhost"', 'type: "RuntimeDefault"')),
      seed("silence", "image", pod(/^#.*profile is missing.*\n/m, "")),
    ],
  },
  {
    trap: "42",
    check: (o) => check.everyFieldIsKnown(o) ?? check.volumesAreBounded(o),
    seeds: [
      seed("a misspelt field", "image", pod("readOnlyRootFilesystem", "readOnlyRootFileSystem")),
      seed(
        "a misspelt field of a template",
        "imageListens",
        pod("allowPrivilegeEscalation", "allowPrivilegeEscalatoin"),
      ),
      seed("a misspelt field of the policy", "image", policy("podSelector", "podSelectors")),
      seed("requests below", "image", pod(/( +)requests:\n +memory: "\d+"/, '$1requests:\n$1  memory: "1"')),
      seed("silence about processes", "image", pod(/^#.*limit of processes.*\n/m, "")),
      seed("silence about an executable tmp", "image", pod(/^#.*temporary directory.*\n/m, "")),
      seed("a volume without a size", "image", pod(/^ +sizeLimit: .*\n/m, "")),
      seed("silence before 1.22", "image", pod(/^#.*before 1\.22.*\n/m, ""), "kubernetes=1.21"),
    ],
  },
];

holdTraps(
  "kubernetes",
  ["", "kubernetes=1.34", "kubernetes=1.30", "kubernetes=1.21,runc=1.1"],
  tests,
  (space) => {
    const digest = `sha256:${"0".repeat(64)}`;
    describe("what kubernetes can't do is refused until it is accepted", () => {
      test.each([
        [`image a/b@${digest}; limits < processes 64 >`, "limits.processes"],
        [`image a/b@${digest}; limits < files 64 >`, "limits.files"],
        [`image a/b@${digest}; limits < io 1MiB/s >`, "limits.io"],
        [`image a/b@${digest}; net listen 8080; limits < time 1h >`, "limits.time"],
        [`image a/b@${digest}; exec ./tools; tmp 1MiB`, "files.exec"],
        [`image a/b@${digest}; read ./project; deny ./project/.env`, "files.deny"],
        [`image a/b@${digest}; isolation microvm`, "isolation"],
      ])("%s", (body, item) => {
        const output = outputOf(space(), body, policyText(body, false), "kubernetes");
        expect(output.files.size).toBe(0);
        expect(output.diagnostics.join("\n")).toMatch(new RegExp(`error MC4001.*accept kubernetes: ${item}`));
        expect(outputOf(space(), body, policyText(body), "kubernetes").files.size).toBeGreaterThan(0);
      });

      test("a size of tmp, before 1.22", () => {
        const body = `image a/b@${digest}; tmp 1MiB`;
        const output = outputOf(space(), body, policyText(body, false), "kubernetes", "kubernetes=1.21");
        expect(output.diagnostics.join("\n")).toMatch(/error MC4001.*accept kubernetes: tmp\.size/);
        expect(outputOf(space(), body, policyText(body, false), "kubernetes").files.size).toBeGreaterThan(0);
      });
    });

    test("what a release does not know is not written for it", () => {
      const body = `image a/b@${digest}; read ./project`;
      const of = (release: string) =>
        podOf(outputOf(space(), body, policyText(body), "kubernetes", release)).spec;
      expect(of("kubernetes=1.32").hostUsers).toBeUndefined();
      expect(of("kubernetes=1.33").hostUsers).toBe(false);
      expect(of("kubernetes=1.32").securityContext?.supplementalGroupsPolicy).toBeUndefined();
      expect(of("kubernetes=1.33").securityContext?.supplementalGroupsPolicy).toBe("Strict");
    });
  },
);
