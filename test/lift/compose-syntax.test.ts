/** Values and forms of compose files as people write them: each is read, or refused with what is wrong. */
import { describe, expect, test } from "vitest";
import { liftCompose } from "../../src/lift/compose.ts";
import { ContainerError, type LiftedContainer } from "../../src/lift/container.ts";
import { expectAgreement } from "../support/container-agreement.ts";
import { environmentWith, fileBeyond, messages, writeBeyond } from "../support/container-witness.ts";

const head = `services:
  s:
    image: registry.example/s:1
    security_opt: ["no-new-privileges:true", "seccomp:closed.json"]
    network_mode: none
`;

/** A closed service with some more lines. */
function service(lines: string, rest = ""): LiftedContainer {
  const own = lines.split("\n").map((line) => `    ${line}\n`);
  const [only] = liftCompose(`${head}${own.join("")}${rest}`, environmentWith());
  if (!only) throw new Error("no service");
  return only;
}

function refusal(lines: string, rest = ""): string {
  try {
    service(lines, rest);
  } catch (error) {
    if (error instanceof ContainerError) return error.message;
    throw error;
  }
  return "read";
}

const limitsOf = (lines: string) =>
  service(`user: "1:1"\nread_only: true\nipc: none\n${lines}`).authority.limits;

describe("truth values", () => {
  test.each(["true", "True", "TRUE", "yes", "Yes", "on", "y", '"true"', "'yes'"])("%s is true", (word) => {
    expect(service(`read_only: ${word}`).authority.limits?.tmp).toBeDefined();
    expect(service(`privileged: ${word}`).authority.calls).toBe(undefined);
    const mount = service(`volumes: [{type: bind, source: /a, target: /a, read_only: ${word}}]`);
    expect(writeBeyond(mount, "/a")).toBe(undefined);
  });

  test.each(["false", "False", "no", "NO", "off", "n", '"false"', "'no'", ""])("%s is false", (word) => {
    const { limits } = service(`read_only: ${word}`).authority;
    expect(limits).toEqual({});
    expect(service(`privileged: ${word}`).authority.calls).toBeDefined();
    const mount = service(
      `volumes:\n  - type: bind\n    source: /a\n    target: /a\n    read_only: ${word || "no"}`,
    );
    expect(writeBeyond(mount, "/a")).toBe("write /a");
  });

  test.each(["1", "0", "t", '"1"', "ture", "[]"])("%s is neither", (word) => {
    const text = refusal(`read_only: ${word}`);
    if (text === "read") expect(service(`read_only: ${word}`).authority.limits).toBe(undefined);
    else expect(text).toContain("a value is expected");
  });
});

describe("numbers", () => {
  test.each([
    ["mem_limit: 10m", { memory: 20 * 2 ** 20 }],
    ["mem_limit: 10M", { memory: 20 * 2 ** 20 }],
    ['mem_limit: "10mb"', { memory: 20 * 2 ** 20 }],
    ["mem_limit: 1.5g", { memory: 3 * 2 ** 30 }],
    ["mem_limit: 4096", { memory: 8192 }],
    ["mem_limit: 4096\nmemswap_limit: 4096", { memory: 4096 }],
    ["mem_limit: 4096\nmemswap_limit: -1", {}],
    ["mem_limit: 0", {}],
    ["cpus: 1.5", { cpu: 150 }],
    ["cpus: 0.50", { cpu: 50 }],
    ['cpus: ".5"', { cpu: 50 }],
    ["pids_limit: 100", { processes: 100 }],
    ['pids_limit: "100"', { processes: 100 }],
    ["pids_limit: -1", {}],
    ["ulimits: {nofile: 100}", { files: 100 }],
    ['ulimits: {nofile: "100"}', { files: 100 }],
    ["ulimits: {nofile: {soft: 5, hard: 9}, nproc: 65535}", { files: 9 }],
    ["ulimits: {nofile: -1}", {}],
  ])("%s", (lines, expected) => {
    expect(limitsOf(lines)).toEqual({ ...expected, tmp: 819200 });
  });

  test.each([
    ["pids_limit: 1.5", "`1.5` is no number"],
    ["mem_limit: ten", "`ten` is no number"],
    ["mem_limit: .inf", "is no number"],
    ["ulimits: [nofile=5]", "a table is expected"],
    ['ulimits: {nofile: "5:9"}', "`5:9` is no number"],
  ])("%s is refused", (lines, message) => {
    expect(refusal(lines)).toContain(message);
  });

  test.each(["mem_limit: 0100", "pids_limit: 1_000", "cpus: 1:30"])("%s is not known", (lines) => {
    expect(messages(service(lines))).toContain("YAML 1.1 and 1.2 read it differently");
    expect(service(lines).authority.limits).toBe(undefined);
  });
});

describe("texts without quotes", () => {
  test.each([
    "user: 1000",
    "user: true",
    "pid: 5",
    "cap_drop: [1]",
    "tmpfs: 5",
    "environment: [1]",
    'command: ["sleep", 5]',
    "volumes: [5]",
  ])("%s is refused, as compose does it", (lines) => {
    expect(refusal(lines)).toContain("compose refuses");
  });

  test.each([
    ["user: 1000:1000", { kind: "ids", uid: 1000, gid: 1000 }],
    ['user: "1000"', { kind: "ids", uid: 1000, gid: 0 }],
    ["user: node", { kind: "named", name: "node" }],
    ["user: root", { kind: "ids", uid: 0, gid: 0 }],
    ["user: $UID", undefined],
    ["user: 30:30", undefined],
  ])("%s", (lines, expected) => {
    expect(service(lines).authority.identity?.user).toEqual(expected);
  });

  test("the restart that is no truth value", () => {
    for (const word of ["no", '"no"', "always", "on-failure:3"])
      expectAgreement(service(`restart: ${word}`), service("init: true"));
  });
});

describe("variables", () => {
  const variables = (text: string) => {
    const { environment } = service(`environment: ${text}`).authority;
    return environment instanceof Map ? Object.fromEntries(environment) : undefined;
  };

  test.each([
    ["{A: 1}", "1"],
    ["{A: -5}", "-5"],
    ["{A: 1.5}", "1.5"],
    ["{A: true}", "true"],
    ["{A: 'yes'}", "yes"],
    ["{A: a b}", "a b"],
    ["{A: ''}", ""],
    ["{A: '1.50'}", "1.50"],
    ["[A=true]", "true"],
    ["['A= x ']", " x "],
    ["[A=b=c]", "b=c"],
    ["[A=1, A=2]", "2"],
    ["{A: }", undefined],
    ["{A: null}", undefined],
    ["[A]", undefined],
  ])("%s", (text, value) => {
    expect(variables(text)).toHaveProperty("A", value);
  });

  test.each([
    "{A: 1.50}",
    "{A: 1e3}",
    "{A: 1000000.5}",
    "{A: 0.00001}",
    "{A: 12345678901234567890}",
    "{A: 0x1F}",
    "{A: +1}",
    "{A: .inf}",
    "{A: yes}",
    "{A: 010}",
    "{A: 2001-01-01}",
    "{A: 1:30}",
    "{A: $HOME}",
  ])("%s: which text it comes to is not known", (text) => {
    expect(variables(text)).toBe(undefined);
    expect(service(`environment: ${text}`).findings.length).toBeGreaterThan(0);
  });

  test.each([
    ["{A: [1]}", "a value is expected"],
    ["A=1", "a table is expected"],
    ["{1: 1}", "no plain string"],
    ["['=1']", "refuses the variable"],
  ])("%s is refused", (text, message) => {
    expect(refusal(`environment: ${text}`)).toContain(message);
  });
});

describe("long and short forms mean the same", () => {
  test.each([
    ["volumes: ['./a:/a']", "volumes: [{type: bind, source: ./a, target: /a}]"],
    ["volumes: ['./a:/a:ro']", "volumes: [{type: bind, source: /srv/app/a, target: /a, read_only: true}]"],
    ["volumes: ['/a:/b/:rw,z']", "volumes: [{type: bind, source: /a/, target: /b, bind: {selinux: z}}]"],
    ["volumes: ['/c']", "volumes: [{type: volume, target: /c}]"],
    ["tmpfs: /t:size=1m", "tmpfs: ['/t:size=1m']"],
    ["tmpfs: /t:size=1m", "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1048576, mode: 0o755}}]"],
    ["tmpfs: /t:size=1m", "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m}}]"],
    ["ulimits: {nofile: 7}", "ulimits:\n  nofile:\n    soft: 7\n    hard: 7"],
    ["environment: [A=1, B]", "environment:\n  A: 1\n  B:"],
    ["command: [npm, start]", "command: npm start"],
    ["entrypoint: [/x, -a]", "entrypoint: /x  -a"],
    ["depends_on: [a]", "depends_on: {a: {condition: service_healthy}}"],
    ["ports: ['8080:80']", "ports: [{target: 80, published: 8080, protocol: tcp}]"],
    ["ports: [80, '127.0.0.1:1:1/udp', 22:22]", "expose: [80]"],
    ["labels: [a=b]", "labels: {a: b}"],
    ["mem_limit: 64m", "deploy: {resources: {limits: {memory: 64M}}}"],
    ["cpus: 0.5\npids_limit: 9", "deploy:\n  resources:\n    limits: {cpus: '0.50', pids: 9}\n  replicas: 2"],
    ["build: .", "build: {context: ., dockerfile: Dockerfile, args: [A]}"],
    ["cap_drop: [all]", "cap_drop: [ALL]"],
    ["x-mine: {privileged: true}", "healthcheck: {disable: true}"],
  ])("%s", (short, long) => {
    const common = "user: '1:1'\nread_only: true";
    const [a, b] = [service(`${common}\n${short}`), service(`${common}\n${long}`)];
    expect(a.findings.length).toBe(b.findings.length);
    if (a.authority.files) expectAgreement(a, b);
    else expect(b.authority.files).toBe(undefined);
  });

  test("of a volume of the file", () => {
    const rest = "volumes: {d: {driver_opts: {type: none, o: 'bind,ro,noexec', device: /data}}}\n";
    const short = service("volumes: ['d:/d']", rest);
    expectAgreement(short, service("volumes: [{type: volume, source: d, target: /d}]", rest));
    expect(fileBeyond(short)).toBe("read /data");
  });

  test("commands that a shell would change are not known", () => {
    for (const text of ['npm run "a b"', "sh -c 'a; b'", "echo $$A", "a\\ b", "''"])
      expect(service(`entrypoint: [/x]\ncommand: ${text.startsWith("'") ? `"${text}"` : text}`).command).toBe(
        undefined,
      );
    expect(service("entrypoint: [/x]\ncommand: run -v --a=b").command).toEqual(["/x", "run", "-v", "--a=b"]);
  });
});

describe("deploy", () => {
  test("a limit that is not the service's own is refused", () => {
    const limits = "deploy: {resources: {limits: {memory: 64m}}}";
    expect(refusal(`mem_limit: 32m\n${limits}`)).toContain("compose refuses a limit below `deploy`");
    expect(refusal(`mem_limit: 64m\n${limits}`)).toBe("read");
    expect(refusal("deploy: {resources: {limit: {memory: 64m}}}")).toContain("the key `limit`");
  });

  test("0 and nothing leave the service's own", () => {
    for (const none of ["", "0", '"0"'])
      expect(limitsOf(`pids_limit: 5\ndeploy: {resources: {limits: {pids: ${none}}}}`)?.processes).toBe(5);
    expect(limitsOf("deploy: {resources: {limits: {pids: 0, cpus: '0'}}}")).toEqual({ tmp: 819200 });
  });

  test("a device that is reserved leaves files open", () => {
    const gpu = "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}], memory: 1g}}}";
    expect(fileBeyond(service(gpu))).toBe("everything");
  });
});

describe("the top level", () => {
  const lift = (text: string) => liftCompose(text, environmentWith());

  test.each(["version: '3.8'\n", 'version: "2"\n', "name: mine\n", "x-a: {b: [1]}\n", "networks: {a: {}}\n"])(
    "%j changes nothing",
    (line) => {
      const [plain] = lift(head);
      const [more] = lift(`${line}${head}`);
      if (!plain || !more) throw new Error("no service");
      expectAgreement(plain, more);
      expect(more.findings).toEqual(plain.findings);
    },
  );

  test.each([
    ["version: 3.8\n", "compose refuses `3.8` here"],
    ["version: 3\n", "compose refuses `3` here"],
    ["service: {}\n", "the key `service`"],
  ])("%j is refused", (line, message) => {
    expect(() => lift(`${line}${head}`)).toThrow(message);
  });
});
