/** Command lines that are not what they look like, each with the operation that shows it. */
import { describe, expect, test } from "vitest";
import { type ContainerEnvironment, ContainerError, type LiftedContainer } from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import {
  environmentWith,
  fileBeyond,
  messages,
  peerOf,
  permitsNamed,
  socketBeyond,
  writeBeyond,
} from "../support/container-witness.ts";

const hardened =
  "--network none --read-only --cap-drop ALL --security-opt no-new-privileges --security-opt seccomp=closed.json -u 1000:1000 --ipc none --tmpfs /dev/mqueue:ro --memory 64m --memory-swap 64m --pids-limit 16";

function run(options: string, environment: ContainerEnvironment = environmentWith()): LiftedContainer {
  return liftDockerRun(
    ["docker", "run", ...options.split(" ").filter((w) => w !== ""), "image"],
    environment,
  );
}
const with_ = (options: string, environment?: ContainerEnvironment): LiftedContainer =>
  run(`${hardened} ${options}`, environment);

describe("what confines it all", () => {
  test("permits nothing beyond its floor", () => {
    const lifted = run(hardened);
    expect(lifted.findings).toEqual([]);
    expect(lifted.assumptions).toEqual([
      "the image declares no VOLUME, which docker would make writable",
      "the image sets no variable but PATH",
      "the image holds no copy of the host's files",
      "no symbolic link lies in the way of a mount",
      "docker's own log driver keeps what the server prints on the host",
    ]);
    expect(fileBeyond(lifted)).toBe(undefined);
    expect(socketBeyond(lifted)).toBe(undefined);
    expect(peerOf(lifted)).toBe(undefined);
    expect(lifted.authority.limits).toEqual({ memory: 64 * 2 ** 20, processes: 16, tmp: 0 });
    expect(lifted.authority.identity).toEqual({
      user: { kind: "ids", uid: 1000, gid: 1000 },
      capabilities: new Set(),
      noNewPrivileges: true,
    });
    expect(permitsNamed(lifted, "read")).toBe(true);
    expect(permitsNamed(lifted, "mount")).toBe(false);
  });
});

test("root may fill the container's own /dev, whatever it holds", () => {
  const root = run(hardened.replace("-u 1000:1000", "-u 0:0"));
  expect(root.authority.identity?.capabilities).toEqual(new Set());
  expect(root.authority.limits?.tmp).toBe(64 * 2 ** 20);
});

test("what the server prints may leave the host by its log driver, past a network of none", () => {
  for (const driver of ["none", "local", "json-file", "journald"]) {
    const lifted = with_(`--log-driver ${driver} --log-opt max-size=1m`);
    expect(lifted.findings).toEqual([]);
    expect(lifted.assumptions.join()).not.toContain("log driver");
    expect(peerOf(lifted)).toBe(undefined);
  }
  for (const driver of ["syslog", "gelf", "fluentd", "splunk", "awslogs", "gcplogs", "vendor/plugin:1", ""]) {
    const lifted = with_(`--log-driver=${driver} --log-opt syslog-address=tcp://203.0.113.1:514`);
    expect(messages(lifted)).toContain(`handed to \`${driver}\`, which may send it to another host`);
    expect(peerOf(lifted)).toBe("everything");
  }
});

describe("files", () => {
  test("a bind of the directory above", () => {
    expect(fileBeyond(with_("-v /home/u:/work:ro"), "/home/u/project")).toBe("read /home/u");
  });

  test("a writable bind inside of a read-only one", () => {
    const lifted = with_("-v /home/u:/work:ro -v /home/u:/work/out");
    expect(writeBeyond(lifted, "/home/u")).toBe("write /home/u");
  });

  test("a mask that lies beside what it should hide", () => {
    const mask = (at: string): string => `-v /p:/p:ro --tmpfs ${at}:ro,size=4k`;
    expect(writeBeyond(with_(mask("/p/secret")), "/p/public")).toBe("read /p");
    const shown = with_(mask("/p/secrets"));
    expect(shown.authority.files).toBeDefined();
    expect(writeBeyond(with_(`${mask("/p/secret")} -v /p/secret/a:/p/secret/a:ro`), "/p")).toBe(undefined);
  });

  test("noexec that `:ro` takes away, that wants `ro`, or is misspelt", () => {
    const volume = (o: string, more = ""): string =>
      `--mount type=volume,dst=/p,volume-opt=type=none,"volume-opt=o=${o}",volume-opt=device=/p${more}`;
    expect(fileBeyond(with_(volume("bind,ro,noexec")), "/p")).toBe(undefined);
    const mounted = with_(volume("bind,ro,noexec", ",readonly"));
    expect(fileBeyond(mounted, "/p")).toBe("exec /p");
    expect(messages(mounted)).toContain("loses `noexec`");
    expect(fileBeyond(with_(volume("bind,noexec")), "/p")).toBe("write /p");
    const misspelt = with_(volume("bind,ro,noexce"));
    expect(fileBeyond(misspelt, "/p")).toBe("exec /p");
    expect(messages(misspelt)).toContain("passes over `noexce`");
  });

  test("a field of a mount that stands twice", () => {
    const lifted = with_("--mount type=bind,src=/p,dst=/p,readonly,readonly=false");
    expect(messages(lifted)).toContain("`readonly` twice");
    expect(writeBeyond(lifted, "/p")).toBe("write /p");
  });

  test("docker's socket, read-only", () => {
    const socket = "-v /run/docker.sock:/run/docker.sock:ro";
    const open = hardened.replace("closed", "sockets");
    expect(socketBeyond(run(`${open} ${socket}`))).toBe("read /run/docker.sock");
    // Without sockets nobody connects.
    expect(socketBeyond(with_(socket))).toBe(undefined);
  });

  test("the host's root, or its /proc", () => {
    expect(fileBeyond(with_("-v /:/host:ro"))).toBe("read /");
    const proc = with_("-v /proc:/host/proc:ro");
    expect(fileBeyond(proc)).toBe("everything");
    expect(proc.authority.processes).toBe(undefined);
  });

  test("a disk", () => {
    const lifted = with_("--device /dev/sda:/dev/sda:r");
    expect(fileBeyond(lifted)).toBe("everything");
    expect(messages(lifted)).toContain("`/dev/sda` is not known");
    expect(fileBeyond(with_("--device /dev/fuse"))).toBe("read /dev/fuse");
  });

  test("the masks of /proc taken off", () => {
    expect(fileBeyond(with_("--security-opt systempaths=unconfined"), "/proc")).toBe(undefined);
    const lifted = with_("--security-opt systempaths=unconfined");
    expect(lifted.authority.files?.rightsAt(steps(lifted, "proc", "kcore"))).toBe(3);
    const masked = with_("");
    expect(masked.authority.files?.rightsAt(steps(masked, "proc", "kcore"))).toBe(0);
  });

  test("mounts of the host below a read-only bind", () => {
    const below = (major: number, is?: boolean): ContainerEnvironment =>
      environmentWith(
        {},
        { docker: { major, minor: 0 }, ...(is !== undefined && { hasMountsBelow: () => is }) },
      );
    expect(writeBeyond(with_("-v /p:/p:ro", below(20, true)), "/p")).toBe("write /p");
    expect(writeBeyond(with_("-v /p:/p:ro", below(28, true)), "/p")).toBe(undefined);
    const unknown = with_("-v /p:/p:ro", below(20));
    expect(unknown.assumptions.join()).toContain("no file system of the host is mounted below `/p`");
  });

  test("a volume of another driver, of options that are not read, of a name", () => {
    expect(fileBeyond(with_("--mount type=volume,src=x,dst=/x,volume-driver=nfs"))).toBe("everything");
    expect(
      fileBeyond(with_("--mount type=volume,dst=/x,volume-opt=type=overlay,volume-opt=o=lowerdir=/")),
    ).toBe("everything");
    expect(fileBeyond(with_("-v data:/data:ro"))).toBe("read /var/lib/docker/volumes/data/_data");
  });

  test("two mounts at one place", () => {
    expect(fileBeyond(with_("-v /a:/x:ro --tmpfs /x:size=1m"))).toBe("everything");
  });
});

const steps = ({ authority: { files } }: LiftedContainer, ...names: readonly string[]): unknown =>
  files && names.reduce((state, name) => files.step(state, name), files.start);

describe("privileges", () => {
  test("two seccomp options: the last counts, and is a finding", () => {
    const lifted = with_("--security-opt seccomp=unconfined");
    expect(messages(lifted)).toContain("a second seccomp profile");
    expect(permitsNamed(lifted, "mount")).toBe(true);
  });

  test("an empty profile, one that is missing, docker's own", () => {
    for (const name of ["empty.json", "none.json", "builtin"]) {
      const lifted = run(hardened.replace("closed.json", name));
      expect(permitsNamed(lifted, "mount"), name).toBe(true);
      expect(lifted.findings.length, name).toBe(1);
    }
    const none = run(hardened.replace("--security-opt seccomp=closed.json ", ""));
    expect(messages(none)).toContain("no seccomp profile is named");
    expect(none.authority.calls).toBe(undefined);
  });

  test("without no-new-privileges, or with its opposite", () => {
    const none = run(hardened.replace("--security-opt no-new-privileges ", ""));
    expect(none.authority.identity?.noNewPrivileges).toBe(false);
    const off = with_("--security-opt no-new-privileges:false");
    expect(off.authority.identity?.noNewPrivileges).toBe(false);
    expect(messages(off)).toContain("takes no-new-privileges away");
    for (const form of ["no-new-privileges:true", "no-new-privileges=true", "no-new-privileges"])
      expect(run(hardened.replace("no-new-privileges", form)).findings, form).toEqual([]);
    const odd = run(hardened.replace("no-new-privileges", "no-new-privilege:true"));
    expect(messages(odd)).toContain("docker refuses `no-new-privilege:true`");
    expect(odd.authority.identity?.noNewPrivileges).toBe(false);
  });

  test("a capability, and all of them together with none", () => {
    const root = hardened.replace("1000:1000", "0");
    const found = (options: string) => run(`${root} ${options}`).authority.identity?.capabilities;
    expect(found("--cap-add net_raw")).toEqual(new Set(["CAP_NET_RAW"]));
    expect(found("--cap-add ALL")).toContain("CAP_SYS_ADMIN");
    const admin = run(`${root} --cap-add SYS_ADMIN`);
    expect(messages(admin)).toContain("`CAP_SYS_ADMIN`: the program can take its mounts");
    expect(fileBeyond(admin)).toBe("everything");
    expect(messages(with_("--cap-add SYS_ADMNI"))).toContain("docker refuses the capability");
  });

  test("privileged, with a profile", () => {
    const lifted = with_("--privileged");
    expect(permitsNamed(lifted, "mount")).toBe(true);
    expect(fileBeyond(lifted)).toBe("everything");
    expect(lifted.authority.identity?.capabilities).toBe("all");
    expect(with_("--privileged=false").findings).toEqual([]);
  });

  test("users: none, a number alone, a name", () => {
    const none = run(hardened.replace("-u 1000:1000 ", ""));
    expect(none.authority.identity?.user).toEqual({ kind: "any" });
    expect(messages(none)).toContain("no user is named");
    const user = (text: string) => run(hardened.replace("1000:1000", text)).authority.identity?.user;
    expect(user("1000")).toEqual({ kind: "ids", uid: 1000, gid: 0 });
    expect(user("root")).toEqual({ kind: "ids", uid: 0, gid: 0 });
    expect(user("node")).toEqual({ kind: "named", name: "node" });
    expect(user("1000:staff")).toEqual({ kind: "any" });
  });

  test("namespaces of the host", () => {
    const pid = with_("--pid host");
    expect([...(pid.authority.processes ?? [])]).toEqual(["signal", "trace", "inspect"]);
    expect(fileBeyond(pid)).toBe("everything");
    const ipc = run(hardened.replace("--ipc none", "--ipc=host"));
    expect([...(ipc.authority.processes ?? [])]).toEqual(["ipc"]);
    expect(writeBeyond(ipc)).toBe("read /dev/shm");
    const network = run(hardened.replace("--network none", "--net=host").replace("closed", "sockets"));
    expect(peerOf(network)).toBe("connect 0.0.0.0:0");
    expect(messages(network)).toContain("abstract sockets");
    expect(with_("--uts host").authority.isolation).toBe(undefined);
  });

  test("a network that nobody chose, and a second one", () => {
    const open = hardened.replace("closed", "sockets");
    expect(peerOf(run(open.replace("--network none ", "")))).toBe("connect 0.0.0.0:0");
    expect(peerOf(run(`${open} --network back`))).toBe("connect 0.0.0.0:0");
    expect(peerOf(run(`${open.replace("none", "back")} --network none`))).toBe("connect 0.0.0.0:0");
    const both = run(`${hardened.replace("none", "host")} --network none`);
    expect(both.authority.isolation).toBe(undefined);
    expect(messages(both)).toContain("a second network");
    expect(peerOf(both)).toBe(undefined);
    expect(peerOf(run(open.replace("none", "name=inside,alias=x")))).toBe("connect 0.0.0.0:0");
    expect(peerOf(run(open.replace("none", "container:other")))).toBe("everything");
    // No socket of IP leads anywhere.
    expect(peerOf(run(hardened.replace("--network none ", "")))).toBe(undefined);
  });
});

describe("limits", () => {
  const limits = (options: string) => with_(options).authority.limits ?? {};

  test("0 and -1 are none", () => {
    expect(limits("--pids-limit 0").processes).toBe(undefined);
    expect(limits("--pids-limit=-1").processes).toBe(undefined);
    expect(limits("--memory 0").memory).toBe(undefined);
    expect(limits("--memory-swap=-1").memory).toBe(undefined);
    expect(limits("--cpus 0").cpu).toBe(undefined);
    expect(limits("--cpus 1.5").cpu).toBe(150);
    expect(limits("--ulimit nofile=-1").files).toBe(undefined);
    expect(limits("--ulimit nofile=64:128").files).toBe(128);
  });

  test("memory without swap is as much again", () => {
    expect(limits("--memory-swap 0").memory).toBe(128 * 2 ** 20);
    expect(run(hardened.replace("--memory-swap 64m ", "")).authority.limits?.memory).toBe(128 * 2 ** 20);
  });

  test("controllers that are not there", () => {
    const bare = environmentWith({}, { controllers: new Set(["memory"]) });
    expect(with_("", bare).authority.limits).toEqual({ tmp: 0 });
  });

  test("where it may write", () => {
    expect(run(hardened.replace("--read-only ", "")).authority.limits?.tmp).toBe(undefined);
    expect(limits("--tmpfs /tmp:size=1m").tmp).toBe(2 ** 20);
    expect(limits("--tmpfs /tmp").tmp).toBe(undefined);
    expect(limits("--tmpfs /tmp:size=0").tmp).toBe(undefined);
    expect(limits("--tmpfs /tmp:size=50%").tmp).toBe(undefined);
    expect(limits("--tmpfs /tmp:ro,rw,size=1k").tmp).toBe(1024);
    expect(limits("-v /cache").tmp).toBe(undefined);
    expect(limits("--mount type=tmpfs,dst=/tmp,tmpfs-size=1m").tmp).toBe(2 ** 20);
    expect(run(hardened.replace("--ipc none ", "")).authority.limits?.tmp).toBe(64 * 2 ** 20);
    expect(run(hardened.replace("--tmpfs /dev/mqueue:ro ", "")).authority.limits?.tmp).toBe(819200);
  });
});

describe("variables", () => {
  const variables = (options: string) => with_(options).authority.environment;
  const names = (options: string) => {
    const found = variables(options);
    return found === "any" || !found ? found : Object.fromEntries(found);
  };

  test("passed through, set, from a file, and the client's proxies", () => {
    expect(names("-e TOKEN -e A=b -e EMPTY=")).toMatchObject({ TOKEN: undefined, A: "b", EMPTY: "" });
    expect(Object.keys(names("") ?? {})).toContain("HTTPS_PROXY");
    expect(names("-e HTTP_PROXY=")).toMatchObject({ HTTP_PROXY: "", http_proxy: undefined });
    expect(variables("--env-file x.env")).toBe(undefined);
    expect(Object.keys(names("-t") ?? {})).toContain("TERM");
  });
});

describe("what docker refuses is refused", () => {
  test.each([
    "--read-olny",
    "--security-opt",
    "--privileged=yes",
    "--memory lots",
    "-v /a:/b:readonly",
    "-v /a:b",
    "--mount type=bind,src=/a,dst=/a,read_only=true",
    "--mount type=bind,dst=/a",
    '--mount type=bind,"src=/a,dst=/a',
    "-Z",
    "--ulimit nofile=many",
  ])("%s", (options) => {
    expect(() => liftDockerRun(["docker", "run", ...options.split(" ")], environmentWith())).toThrow(
      ContainerError,
    );
    expect(() => with_(options)).toThrow(ContainerError);
  });

  test("another command", () => {
    expect(() => liftDockerRun(["podman", "run", "x"], environmentWith())).toThrow("this is no `docker run`");
    expect(() => liftDockerRun(["docker", "run", "--rm"], environmentWith())).toThrow("no image");
  });
});

const parameter = `$${"{MCP_S_IMAGE}"}`;

test("clusters of letters, values that hang on, and where options end", () => {
  const lifted = liftDockerRun(
    ["docker", "container", "run", "-itu5:5", "-eA=1", "--name=x", "image", "--privileged", "-v", "/:/h"],
    environmentWith(),
  );
  expect(lifted.name).toBe("x");
  expect(lifted.image).toBe("image");
  expect(lifted.authority.identity?.user).toEqual({ kind: "ids", uid: 5, gid: 5 });
  expect(fileBeyond(lifted)).toBe(undefined);
  const named = liftDockerRun(["docker", "run", "--entrypoint=/a", "--", parameter, "b"], environmentWith());
  expect(named.command).toEqual(["/a", "b"]);
  expect(named.image).toBe(undefined);
});
