/** Compose files that are not what they look like, each with the operation that shows it. */

import { describe, expect, test } from "vitest";
import { liftCompose } from "../../src/lift/compose.ts";
import { type ContainerEnvironment, ContainerError, type LiftedContainer } from "../../src/lift/container.ts";
import { closedService } from "../support/closed-service.ts";
import {
  environmentWith,
  fileBeyond,
  messages,
  peerOf,
  permitsNamed,
  socketBeyond,
  writeBeyond,
} from "../support/container-witness.ts";

const base: Readonly<Record<string, string>> = {
  image: "registry.example/s:1",
  ...closedService,
};

const lines = (keys: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(keys)
    .flatMap(([key, value]) => (value === undefined ? [] : [`    ${key}: ${value}\n`]))
    .join("");

function lift(text: string, environment: ContainerEnvironment = environmentWith()): LiftedContainer {
  const [first] = liftCompose(text, environment);
  if (!first) throw new Error("no service");
  return first;
}

/** The hardened service with some keys changed; undefined leaves one out. */
function service(
  keys: Readonly<Record<string, string | undefined>> = {},
  rest = "",
  environment?: ContainerEnvironment,
): LiftedContainer {
  return lift(`services:\n  s:\n${lines({ ...base, ...keys })}${rest}`, environment);
}

test("what confines it all permits nothing beyond its floor", () => {
  const lifted = service();
  expect(lifted.findings).toEqual([]);
  expect(fileBeyond(lifted)).toBe(undefined);
  expect(socketBeyond(lifted)).toBe(undefined);
  expect(peerOf(lifted)).toBe(undefined);
  expect(permitsNamed(lifted, "mount")).toBe(false);
  expect(lifted.authority.limits).toEqual({ memory: 64 * 2 ** 20, processes: 16, tmp: 0 });
  expect(lifted.image).toBe("registry.example/s:1");
  expect(lifted.name).toBe("s");
});

describe("YAML", () => {
  test.each([
    ["an anchor", "services:\n  s: &a\n    image: x\n", 3],
    ["an alias", "x-a: 1\nservices:\n  s: *a\n", 3],
    ["a merge key", "services:\n  s:\n    <<: {privileged: true}\n    image: x\n", 3],
    ["a tag", "services:\n  s:\n    image: !!str x\n", 3],
    ["Map keys must be unique", "services:\n  s:\n    image: x\n    image: y\n", 4],
    ["a directive", "%YAML 1.1\n---\nservices: {}\n", 1],
    ["no plain string", "services:\n  s:\n    image: x\n    no: 1\n", 4],
    ["no plain string", "services:\n  s:\n    image: x\n    12: 1\n", 4],
    ["a second document", "services: {}\n---\nservices: {}\n", 2],
  ])("%s is refused", (message, text, line) => {
    const found = (() => {
      try {
        return liftCompose(text, environmentWith());
      } catch (error) {
        return error;
      }
    })();
    expect(found).toBeInstanceOf(ContainerError);
    expect(found).toMatchObject({ message: expect.stringContaining(message), line });
  });

  test("a scalar that YAML 1.1 and 1.2 read differently", () => {
    const lifted = service({ user: "22:22" });
    expect(messages(lifted)).toContain("YAML 1.1 and 1.2 read it differently");
    expect(lifted.authority.identity).toBe(undefined);
    expect(service({ pids_limit: "0100" }).authority.limits).toBe(undefined);
  });

  test("a text in place of a truth value that is none", () => {
    expect(service({ read_only: '"ture"' }).authority.limits).toBe(undefined);
    expect(service({ read_only: "1" }).authority.limits).toBe(undefined);
    expect(service({ privileged: '"maybe"' }).authority).toEqual({});
  });
});

describe("interpolation", () => {
  const variable = (name: string): string => `$${name}`;

  test("in a security option, a user, a mount: nothing is known of it", () => {
    const options = service({ security_opt: `["no-new-privileges:true", "seccomp:${variable("{P}")}"]` });
    expect(messages(options)).toContain("variables of whoever starts it");
    expect(options.authority.identity).toBe(undefined);
    expect(permitsNamed(options, "mount")).toBe(true);
    expect(service({ user: `"${variable("{U:-1000:1000}")}"` }).authority.identity).toBe(undefined);
    expect(fileBeyond(service({ volumes: `["${variable("HOME")}/p:/p:ro"]` }))).toBe("everything");
    expect(service({ environment: `["A=${variable("A")}"]` }).authority.environment).toBe(undefined);
    expect(service({ mem_limit: `"${variable("{M}")}"` }).authority.limits).toBe(undefined);
  });

  test("of an image: only the required one goes without a word", () => {
    const needed = service({ image: `"${variable("{I:?the image}")}"` });
    expect(needed.findings).toEqual([]);
    expect(needed.image).toBe(undefined);
    const chosen = service({ image: `"${variable("{I:-x}")}"` });
    expect(chosen.findings.length).toBe(1);
  });

  test("a doubled dollar is one, and a lonely one is refused", () => {
    expect([
      ...((service({ environment: '["A=$$b"]' }).authority.environment ?? []) as Map<string, string>),
    ]).toContainEqual(["A", "$b"]);
    expect(() => service({ environment: '["A=$1"]' })).toThrow("compose refuses the `$`");
    expect(() => service({ environment: `["A=${variable("{")}"]` })).not.toThrow(TypeError);
  });
});

test("what a service prints may leave the host by its log driver, whatever its network is", () => {
  const with_ = (logging: string) => service({ logging, network_mode: '"none"' });
  for (const kept of ["{driver: none}", "{driver: journald}", "{driver: json-file, options: {max-size: 1m}}"])
    expect(peerOf(with_(kept)), kept).toBe(undefined);
  for (const sent of ["{driver: syslog}", `{driver: "$${"{D:-none}"}"}`])
    expect(peerOf(with_(sent)), sent).toBe("everything");
  expect(with_("{options: {max-size: 1m}}").assumptions.join()).toContain("docker's own log driver");
  expect(() => with_("{driver: none, option: {}}")).toThrow("compose refuses the key `option`");
});

describe("keys", () => {
  test.each(["read_olny: true", "privilegd: false", "securityopt: []"])("%s is refused", (line) => {
    expect(() => lift(`services:\n  s:\n    image: x\n    ${line}\n`)).toThrow("compose refuses the key");
  });

  test("at the top level, in a build, in a volume", () => {
    expect(() => lift("services: {s: {image: x}}\nvolume: {}\n")).toThrow("compose refuses the key `volume`");
    expect(() => lift("services: {s: {build: {contxt: .}}}\n")).toThrow("compose refuses the key `contxt`");
    expect(() => service({ volumes: "[{type: bind, source: /a, target: /a, readonly: true}]" })).toThrow(
      "`readonly`",
    );
  });

  test.each([
    ["extends", "{service: other}", ["files", "identity", "calls"]],
    ["env_file", "[x.env]", ["environment"]],
    ["secrets", "[token]", ["files"]],
    ["configs", "[c]", ["files"]],
    ["annotations", "{org.systemd.property.MemoryMax: 1}", ["limits"]],
    ["runtime", "runsc", ["calls", "limits"]],
    ["sysctls", "{net.core.somaxconn: 1}", ["limits"]],
    ["group_add", "[docker]", ["identity"]],
    ["volumes_from", "[other]", ["files"]],
    ["post_start", "[{command: x, privileged: true}]", ["files", "identity"]],
    ["use_api_socket", "true", ["sockets"]],
    ["device_cgroup_rules", '["a *:* rwm"]', ["files"]],
    ["links", "[db]", ["environment", "network"]],
  ] as const)("%s is not read, and leaves open what it may change", (key, value, slices) => {
    const lifted = service({ [key]: value });
    expect(messages(lifted)).toContain(`\`${key}\` is not read here`);
    for (const slice of slices) expect(lifted.authority[slice]).toBe(undefined);
  });

  test("an override beside the file, and what is included", () => {
    const environment = environmentWith({ "/srv/app/compose.override.yaml": "services: {}" });
    expect(service({}, "", environment).authority).toEqual({});
    expect(lift("include: [x.yaml]\nservices: {s: {image: x}}\n").authority).toEqual({});
  });

  test("keys of one's own mean nothing", () => {
    expect(service({ "x-note": "{privileged: true}" }).findings).toEqual([]);
  });
});

describe("what it permits", () => {
  test("a bind of the directory above, relative to the file", () => {
    expect(fileBeyond(service({ volumes: '["..:/work:ro"]' }), "/srv/app")).toBe("read /srv");
    expect(writeBeyond(service({ volumes: '["./p:/p:ro"]' }), "/srv/app/p")).toBe(undefined);
    expect(fileBeyond(service({ volumes: '["~/p:/p:ro"]' }))).toBe("everything");
  });

  test("a long volume that is not read-only", () => {
    expect(writeBeyond(service({ volumes: "[{type: bind, source: /a, target: /a}]" }), "/a")).toBe(
      "write /a",
    );
    const readOnly = service({ volumes: "[{type: bind, source: /a, target: /a, read_only: true}]" });
    expect(writeBeyond(readOnly, "/a")).toBe(undefined);
  });

  const named = (options: string): string => `volumes:\n  p:\n    name: p\n    driver_opts: ${options}\n`;
  const bound = '{type: none, o: "bind,ro,noexec", device: /a}';

  test("a noexec volume, which `:ro` makes executable", () => {
    const quiet = service({ volumes: '["p:/a"]' }, named(bound));
    expect(quiet.findings).toEqual([]);
    expect(fileBeyond(quiet, "/a")).toBe(undefined);
    expect(fileBeyond(service({ volumes: '["p:/a:ro"]' }, named(bound)), "/a")).toBe("exec /a");
    const long = "[{type: volume, source: p, target: /a, read_only: true}]";
    expect(fileBeyond(service({ volumes: long }, named(bound)), "/a")).toBe("exec /a");
  });

  test("a volume that is made elsewhere, that keeps, that nobody declares", () => {
    const elsewhere = service({ volumes: '["p:/a"]' }, "volumes: {p: {external: true}}\n");
    expect(fileBeyond(elsewhere)).toBe("everything");
    const kept = service({ volumes: '["p:/a"]' }, "volumes:\n  p:\n");
    expect(fileBeyond(kept)).toBe("read /var/lib/docker/volumes/app_p/_data");
    expect(() => service({ volumes: '["p:/a"]' })).toThrow("there is no volume `p`");
  });

  test("docker's socket, read-only", () => {
    const lifted = service({
      volumes: '["/var/run/docker.sock:/var/run/docker.sock:ro"]',
      security_opt: '["seccomp:sockets.json"]',
    });
    expect(socketBeyond(lifted)).toBe("read /var/run/docker.sock");
  });

  test("networks: one's own, the default, one that is internal, a shared one", () => {
    const options = { security_opt: '["seccomp:sockets.json"]' };
    expect(peerOf(service(options))).toBe(undefined);
    expect(peerOf(service({ ...options, network_mode: undefined }))).toBe("connect 0.0.0.0:0");
    const internal = service(
      { ...options, network_mode: undefined, networks: "[back]" },
      "networks: {back: {internal: true}}\n",
    );
    expect(peerOf(internal)).toBe("everything");
    expect(messages(internal)).toContain("lead to the host");
    expect(peerOf(service({ ...options, network_mode: '"service:db"' }))).toBe("everything");
    expect(() => service({ networks: "[back]" })).toThrow("together with `networks`");
  });

  test("privileged beside a profile, capabilities, namespaces, users", () => {
    expect(service({ privileged: "true" }).authority.calls).toBe(undefined);
    expect(fileBeyond(service({ cap_add: "[SYS_ADMIN]", user: '"0"' }))).toBe("everything");
    expect(fileBeyond(service({ pid: "host" }))).toBe("everything");
    expect([...(service({ ipc: "host" }).authority.processes ?? [])]).toEqual(["ipc"]);
    expect(service({ user: undefined }).authority.identity?.user).toEqual({ kind: "any" });
    expect(service({ user: '"1000"' }).authority.identity?.user).toEqual({ kind: "ids", uid: 1000, gid: 0 });
    expect(service({ security_opt: '["seccomp:closed.json"]' }).authority.identity?.noNewPrivileges).toBe(
      false,
    );
    expect(messages(service({ security_opt: '["seccomp:closed.json","seccomp:unconfined"]' }))).toContain(
      "a second seccomp profile",
    );
  });

  test("limits: 0, -1, swap, a soft bound alone", () => {
    expect(service({ pids_limit: "-1" }).authority.limits?.processes).toBe(undefined);
    expect(service({ memswap_limit: "-1" }).authority.limits?.memory).toBe(undefined);
    expect(service({ memswap_limit: undefined }).authority.limits?.memory).toBe(128 * 2 ** 20);
    expect(service({ ulimits: "{nofile: {soft: 5}}" }).authority.limits).toBe(undefined);
    expect(service({ ulimits: "{nofile: {soft: 5, hard: 9}}" }).authority.limits?.files).toBe(9);
    expect(service({ cpus: "0.5" }).authority.limits?.cpu).toBe(50);
    expect(service({ tmpfs: '["/dev/mqueue:ro", "/tmp"]' }).authority.limits?.tmp).toBe(undefined);
    expect(service({ read_only: undefined }).authority.limits?.tmp).toBe(undefined);
    expect(service({ volumes: '["/cache"]' }).authority.limits?.tmp).toBe(undefined);
  });

  test("variables: lists, tables, what is passed through", () => {
    const of = (text: string) => {
      const found = service({ environment: text }).authority.environment;
      return found === "any" || !found ? found : Object.fromEntries(found);
    };
    expect(of('["A=1", "TOKEN"]')).toMatchObject({ A: "1", TOKEN: undefined });
    expect(of("{A: 1, TOKEN: , E: ''}")).toMatchObject({ A: "1", TOKEN: undefined, E: "" });
  });
});

describe("a build joins in", () => {
  const dockerfile =
    'FROM scratch\nCOPY ["server", "/server"]\nUSER 7:8\nENV A=1 B="2 3"\nENTRYPOINT ["/server/run"]\n';
  const built = (
    files: Readonly<Record<string, string>>,
    keys: Readonly<Record<string, string | undefined>> = {},
  ) => service({ image: undefined, build: ".", ...keys }, "", environmentWith(files));

  test("what it copies can be read and executed, and its settings hold where the service has none", () => {
    const lifted = built({ "/srv/app/Dockerfile": dockerfile }, { user: undefined });
    expect(lifted.findings).toEqual([]);
    expect(fileBeyond(lifted)).toBe("read /srv/app/server");
    expect(fileBeyond(lifted, "/srv/app/server")).toBe("exec /srv/app/server");
    expect(writeBeyond(lifted, "/srv/app/server")).toBe(undefined);
    expect(lifted.authority.identity?.user).toEqual({ kind: "ids", uid: 7, gid: 8 });
    expect(Object.fromEntries(lifted.authority.environment as Map<string, string>)).toMatchObject({
      A: "1",
      B: "2 3",
    });
    expect(lifted.command).toEqual(["/server/run"]);
  });

  test("less what an ignore file keeps out, if docker reads it", () => {
    const files = {
      "/srv/app/Dockerfile": dockerfile,
      "/srv/app/Dockerfile.dockerignore": "server/secret\n",
    };
    expect(reads(built(files), "/srv/app/server/secret/key")).toBe(false);
    expect(reads(built(files), "/srv/app/server/public")).toBe(true);
    const old = environmentWith(files, { docker: { major: 20, minor: 10 } });
    expect(reads(service({ image: undefined, build: "." }, "", old), "/srv/app/server/secret/key")).toBe(
      true,
    );
    const beside = { "/srv/app/Dockerfile": dockerfile, "/srv/app/.dockerignore": "server/secret\n" };
    expect(reads(built(beside), "/srv/app/server/secret")).toBe(false);
  });

  test("a volume that it declares is writable in a read-only root", () => {
    const lifted = built({ "/srv/app/Dockerfile": `${dockerfile}VOLUME /data\n` });
    expect(lifted.authority.limits?.tmp).toBe(undefined);
    const covered = built(
      { "/srv/app/Dockerfile": `${dockerfile}VOLUME /data\n` },
      { tmpfs: '["/dev/mqueue:ro","/data:ro"]' },
    );
    expect(covered.authority.limits?.tmp).toBe(0);
  });

  test("one that can't be read, or is given more than its context", () => {
    expect(fileBeyond(built({}))).toBe("everything");
    const more = { image: undefined, build: "{context: ., additional_contexts: {x: /etc}}" };
    expect(fileBeyond(service(more, "", environmentWith({ "/srv/app/Dockerfile": dockerfile })))).toBe(
      "everything",
    );
    expect(messages(built({}, { build: "git@example.com:x/y.git" }))).toContain("is fetched");
  });
});

function reads({ authority: { files } }: LiftedContainer, path: string): boolean {
  if (!files) return true;
  const names = path.split("/").slice(1);
  return (files.rightsAt(names.reduce((state, name) => files.step(state, name), files.start)) & 1) !== 0;
}
