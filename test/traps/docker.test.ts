import { describe, expect, test } from "vitest";
import { volumeName } from "../../src/targets/docker/options.ts";
import { edited, type Output, outputOf } from "../support/outputs.ts";
import { policyText } from "../support/policies.ts";
import * as check from "./docker-checks.ts";
import { profileDeniesMemoryFiles, profileTraps } from "./profile-checks.ts";
import { holdTraps, type Seed, type TrapTest } from "./trap.ts";

const debian = "compose=1.29,docker=20.10,runc=1.1";

/** Edits the compose file, of which the keys are first written without quotes. */
const compose =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(edited(output, "compose.yaml", /^([- ]*)"([\w-]+)":/m, "$1$2:"), "compose.yaml", from, to);
const run =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(output, "run.json", from, to);
const seed = (what: string, policy: string, spoil: Seed["spoil"], environment?: string): Seed => ({
  what,
  policy,
  spoil,
  ...(environment !== undefined && { environment }),
});
const noHeader = (words: RegExp): Seed["spoil"] => compose(new RegExp(`^# .*${words.source}.*\\n`, "m"), "");

// What an emitter that had never heard of the trap would write in place of a volume.
const bindInstead = compose(
  /type: "volume"\n( +)source: "[^"]*"\n +target: ("[^"]*\/(?:tools|project)")\n +volume:\n +nocopy: true/,
  'type: "bind"\n$1source: $2\n$1target: $2\n$1read_only: true',
);
const memoryFiles: Seed["spoil"] = (o) =>
  edited(
    o,
    "seccomp.json",
    '"syscalls": [',
    '"syscalls": [\n{ "names": ["memfd_create"], "action": "SCMP_ACT_ALLOW" },',
  );

const tests: readonly TrapTest[] = [
  ...profileTraps("writes"),
  {
    trap: "21",
    check: check.readOnlyIsRecursive,
    seeds: [
      seed("a read-only bind of a directory", "exec", bindInstead),
      seed("the same for docker 20.10", "exec", bindInstead, debian),
      seed("submounts of a volume", "program", run("o=bind,", "o=rbind,")),
    ],
  },
  {
    trap: "22",
    check: check.imageBringsNothing,
    seeds: [
      seed("a health check", "program", compose(/ +healthcheck:\n +disable: true\n/, "")),
      seed("a health check of `docker run`", "image", run(/ +"--no-healthcheck",\n/, "")),
      seed("a volume in the image", "program", (o) => edited(o, "Dockerfile", "CMD []", "VOLUME /data")),
      seed("a shell as entry point", "program", (o) =>
        edited(o, "Dockerfile", /ENTRYPOINT .*/, "ENTRYPOINT ['node']"),
      ),
      seed("a directive", "program", (o) => edited(o, "Dockerfile", /^/, "# syntax=x\n")),
      seed("silence about volumes", "image", noHeader(/VOLUME/)),
    ],
  },
  {
    trap: "23",
    check: check.nothingElseIsWritable,
    seeds: [
      seed(
        "a writable root",
        "program",
        compose("read_only: true\n    privileged", "read_only: false\n    privileged"),
      ),
      seed("a writable root of `docker run`", "program", run(/ +"--read-only",\n/, "")),
      seed("shared memory", "program", compose('ipc: "none"', 'ipc: "private"')),
      seed("an open tmpfs", "program", run("/dev/mqueue:ro", "/run:rw")),
    ],
  },
  {
    trap: "24",
    check: check.userAndGroup,
    seeds: [
      seed("a uid alone", "program", compose('user: "65532:65532"', 'user: "65532"')),
      seed("root's group", "writes", run("--user=1000:1000", "--user=1000:0")),
      seed("a name", "program", (o) => edited(o, "Dockerfile", /USER .*/, "USER node")),
    ],
  },
  {
    trap: "25",
    check: check.limitsAreSet,
    seeds: [
      seed("swap beside", "limited", compose(/ +memswap_limit: .*\n/, "")),
      seed("twice as much", "limited", run(/--memory-swap=\d+/, "--memory-swap=536870912")),
    ],
  },
  {
    trap: "26",
    check: check.networkIsNone,
    seeds: [
      seed(
        "an internal network",
        "program",
        compose(/^services:/m, "networks:\n  default:\n    internal: true\nservices:"),
      ),
      seed("the host's", "program", run("--network=none", "--network=host")),
      seed("a bridge that nobody asked for", "program", compose(/ +network_mode: "none"\n/, "")),
    ],
  },
  {
    trap: "27",
    check: (o) => check.networkIsNone(o) ?? profileTraps("program")[0]?.check(o),
    seeds: [
      seed(
        "a port on every address",
        "listenAccepted",
        compose('"127.0.0.1:8080:8080/tcp"', '"8080:8080/tcp"'),
      ),
      seed(
        "one more port",
        "listenAccepted",
        run("--publish=127.0.0.1:8080:8080/tcp", "--publish=127.0.0.1:80:80/tcp"),
      ),
    ],
  },
  {
    trap: "28",
    check: check.mountsMakeNothing,
    seeds: [
      seed("what is missing is made", "writes", compose("create_host_path: false", "create_host_path: true")),
      seed(
        "create_host_path for compose 1",
        "writes",
        compose('propagation: "rprivate"', 'propagation: "rprivate"\n          create_host_path: false'),
        debian,
      ),
      seed(
        "the short form for compose 1",
        "writes",
        compose(
          /- type: "bind"\n +source: ("[^"]*)"\n +target: "([^"]*")\n +read_only: false\n +bind:\n +propagation: "rprivate"/,
          "- $1:$2",
        ),
        debian,
      ),
    ],
  },
  {
    trap: "29",
    check: check.mountsAreExact,
    seeds: [
      seed("a comma that is not quoted", "strange", run(/\\"dst=([^"\\]*), comma\\"/, "dst=$1, comma")),
      seed("another place", "writes", compose(/(source: ".*)out"/, '$1secret"')),
      seed("new privileges", "program", run("no-new-privileges:true", "no-new-privileges:false")),
    ],
  },
  {
    trap: "30",
    check: (o) => check.limitsAreSet(o) ?? check.fewProcessesAreTold(o),
    seeds: [
      seed("no limit", "limited", compose(/pids_limit: 64/, "pids_limit: 0")),
      seed("a limit of the user's processes", "limited", run("--ulimit=core=0", "--ulimit=nproc=64:64")),
      seed("silence about a limit of 4", "run node ./dist/index.js; limits < processes 4 >", (o) => ({
        ...o,
        diagnostics: [],
      })),
    ],
  },
  { trap: "31", check: check.limitsAreSet, seeds: [seed("silence", "limited", noHeader(/run time/))] },
  {
    trap: "32",
    check: check.isolationIsAdmitted,
    seeds: [seed("silence", "kernel", noHeader(/host's kernel/))],
  },
  {
    trap: "docker a",
    check: check.volumesHold,
    seeds: [
      seed(
        "read_only",
        "program",
        compose(/( +)volume:\n( +)nocopy: true/, "$1read_only: true\n$1volume:\n$2nocopy: true"),
      ),
      seed("readonly", "program", run("volume-driver=local,", "volume-driver=local,readonly,")),
    ],
  },
  {
    trap: "docker b",
    check: check.noexecIsHeld,
    seeds: [
      seed("noexec without ro", "program", compose('o: "bind,ro,noexec', 'o: "bind,noexec')),
      seed("no noexec", "program", run("bind,ro,noexec", "bind,ro")),
    ],
  },
  {
    trap: "docker c",
    check: check.masksAreOfTheStart,
    seeds: [seed("silence", "writes", noHeader(/the mask ends/))],
  },
  {
    trap: "docker d",
    check: check.readOnlyIsRecursive,
    seeds: [seed("a read-only bind of a directory", "program", bindInstead, debian)],
  },
  { trap: "docker e", check: profileDeniesMemoryFiles, seeds: [seed("memfd_create", "writes", memoryFiles)] },
  {
    trap: "docker 1",
    check: check.volumesHold,
    seeds: [
      seed("a misspelt option", "program", compose("noexec", "noexce")),
      seed("a relative device", "program", compose('device: "/', 'device: "')),
      seed("copying up", "program", run("volume-nocopy,", "")),
      seed("a name that keeps old options", "program", compose(/"?mcpc-[0-9a-f]{16}"?/, '"project"')),
    ],
  },
  {
    trap: "docker 2",
    check: check.masksFit,
    seeds: [
      seed("a mask of nothing", "writes", compose("project/secret:ro", "project/secret2:ro")),
      seed("a writable mask", "writes", run("project/secret:ro,", "project/secret:")),
      seed("a mask that is gone", "writes", run(/ +"--mount",\n.*\.env.*\n/, "")),
    ],
  },
  {
    trap: "docker 3",
    check: check.noexecIsHeld,
    seeds: [seed("silence", "writes", noHeader(/mounted writable/))],
  },
  {
    trap: "docker 4",
    check: check.mountsHideNothing,
    seeds: [seed("a mount over /usr", "program", compose(/target: "[^"]*"/, 'target: "/usr"'))],
  },
  {
    trap: "docker 5",
    check: check.userIsOwner,
    seeds: [seed("nobody", "writes", run("1000:1000", "65532:65532"))],
  },
  {
    trap: "docker 6",
    check: check.tmpfsIsBounded,
    seeds: [
      seed("no size", "writes", compose(/,size=16777216/, "")),
      seed("exec", "writes", run("/tmp:rw,noexec", "/tmp:rw,exec")),
    ],
  },
  {
    trap: "docker 8",
    check: check.nothingIsInterpolated,
    seeds: [
      seed("a variable", "strange", compose("$$HOME", "$HOME")),
      seed("a file of variables", "program", compose(/^( +)stdin_open/m, "$1env_file: .env\n$1stdin_open")),
    ],
  },
  {
    trap: "docker 9",
    check: check.environmentIsExact,
    seeds: [
      seed("a proxy", "program", compose(/ +- "https_proxy="\n/, "")),
      seed("one more", "program", run('"--env=NO_PROXY="', '"--env=NO_PROXY=",\n    "--env=SECRET"')),
    ],
  },
  {
    trap: "docker 10",
    check: check.nothingElseIsWritable,
    seeds: [
      seed("message queues", "program", compose(/ +- "\/dev\/mqueue:.*\n/, "")),
      seed("message queues of `docker run`", "writes", run(/ +"--tmpfs=\/dev\/mqueue:.*\n/, "")),
      seed("privileged", "program", compose("privileged: false", "privileged: true")),
    ],
  },
  {
    trap: "docker 11",
    check: (o) => profileDeniesMemoryFiles(o) ?? check.nothingElseIsWritable(o),
    seeds: [
      seed("execveat", "program", (o) => edited(o, "seccomp.json", '"execve"', '"execve", "execveat"')),
    ],
  },
  {
    trap: "docker 12",
    check: check.limitsAreSet,
    seeds: [
      seed("cpus", "limited", compose(/ +cpus: .*\n/, "")),
      seed("open files", "limited", run(/ +"--ulimit=nofile=256:256",\n/, "")),
    ],
  },
  {
    trap: "docker 13",
    check: check.containerEnds,
    seeds: [
      seed("restarted", "program", compose('restart: "no"', 'restart: "always"')),
      seed("kept", "program", run(/ +"--rm",\n/, "")),
      seed("no input", "program", compose("stdin_open: true", "stdin_open: false")),
    ],
  },
];

holdTraps("docker", ["", debian, "docker=24,compose=2.20"], tests, (space) => {
  describe("what docker can't do is refused until it is accepted", () => {
    test.each([
      ["run node ./dist/index.js; limits < time 8h >", "limits.time"],
      ["run node ./dist/index.js; limits < io 1MiB/s >", "limits.io"],
      ["read ./project; deny ./project/.env", "deny.future"],
      ["exec ./tools; write ./project/out; user 1000:1000", "files.exec"],
      [`image a/b@sha256:${"0".repeat(64)}; isolation kernel`, "isolation"],
    ])("%s", (body, item) => {
      const output = outputOf(space(), body, policyText(body, false), "docker");
      expect(output.files.size).toBe(0);
      expect(output.diagnostics.join("\n")).toMatch(new RegExp(`error MC4001.*accept docker: ${item}`));
      expect(outputOf(space(), body, policyText(body), "docker").files.size).toBeGreaterThan(0);
    });
  });

  test("a volume's name changes with its options", () => {
    expect(volumeName("/a", true)).not.toBe(volumeName("/a", false));
    expect(volumeName("/a", true)).not.toBe(volumeName("/b", true));
  });

  test("a masked directory whose name docker would split is refused", () => {
    const body = `image a/b@sha256:${"0".repeat(64)}; read ./project; deny "./project/se:cret"`;
    const output = outputOf(space(), body, policyText(body), "docker");
    expect(output.files.size).toBe(0);
    expect(output.diagnostics.join("\n")).toMatch(/MC4006.*colon/);
  });
});
