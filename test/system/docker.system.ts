import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attack, expectAllowed, expectDenied } from "./attack.ts";
import { denied, granted } from "./attempts.ts";
import { attemptCommand, mustRun } from "./command.ts";
import { baseImage, importBaseImage } from "./docker/base-image.ts";
import { type DockerDaemon, startDocker } from "./docker/daemon.ts";
import { canary, checkout, compileScene, installFilesystemServer, type Scene, setScene } from "./scene.ts";
import { withSession } from "./session.ts";

const debian = "compose=1.29,docker=20.10,runc=1.1";

const attackPolicy = `language 1;
server attack <
  run    node ./attacker/server.mjs;
  read   ./project;
  write  ./project/out;
  deny   ./project/hidden, ./project/**/*.key;
  tmp    16MiB;
  net    none;
  env    GRANTED;
  limits < memory 256MiB; processes 64; files 256; cpu 100% >;
  accept docker: deny.future;
>
`;

let docker: DockerDaemon;
let scene: Scene;

beforeAll(async () => {
  docker = await startDocker();
  importBaseImage(docker.environment);
  scene = await setScene();
});

afterAll(async () => {
  // A thread that the filter killed leaves the others of its process waiting.
  if (docker)
    attemptCommand(["/bin/sh", "-c", "docker ps --quiet | xargs --no-run-if-empty docker rm --force"], {
      env: docker.environment,
    });
  scene?.dispose();
  await docker?.stop();
});

/** The two ways to start what was emitted: by its compose file, and by its \`docker run\` form; both unmodified. */
function forms(directory: string, server: string): readonly { name: string; argv: readonly string[] }[] {
  const { argv } = JSON.parse(readFileSync(join(directory, "run.json"), "utf8")) as { argv: string[] };
  return [
    { name: "compose", argv: ["/usr/bin/docker-compose", "run", "--rm", "-T", server] },
    { name: "docker run", argv: ["/usr/bin/docker", ...argv.slice(1)] },
  ];
}

function build(directory: string): void {
  const env = { ...docker.environment, MCPC_BASE: baseImage };
  mustRun(["/usr/bin/docker-compose", "config", "--quiet"], { cwd: directory, env });
  mustRun(["/usr/bin/docker-compose", "build"], { cwd: directory, env });
}

describe("the official filesystem server", () => {
  test("works inside what was emitted, by compose and by docker run", async () => {
    installFilesystemServer(scene);
    const policy = readFileSync(join(checkout, "examples/filesystem.mcp"), "utf8");
    const directory = join(compileScene(scene, policy, "docker", debian), "fs/docker");
    build(directory);
    for (const { name, argv } of forms(directory, "fs")) {
      await withSession(argv, { cwd: directory, env: docker.environment }, async ({ client, call }) => {
        const { tools } = await client.listTools();
        expect(
          tools.map((tool) => tool.name),
          name,
        ).toContain("read_text_file");
        expect(await call("list_directory", { path: scene.project })).toContain("README.md");
        expect(await call("read_text_file", { path: `${scene.project}/README.md` })).toContain("# A project");
        const written = `${scene.out}/${name.replace(" ", "-")}.txt`;
        expect(await call("write_file", { path: written, content: name })).toContain("Successfully");
        expect(readFileSync(written, "utf8")).toBe(name);
        expect(await call("write_file", { path: `${scene.project}/no.txt`, content: "x" })).toMatch(
          /EROFS|EACCES|denied/,
        );
      });
    }
  });
});

test("leaves no container behind when its client ends", () => {
  const { output } = attemptCommand(["/usr/bin/docker", "ps", "--quiet"], { env: docker.environment });
  expect(output.trim()).toBe("");
});

describe("an attacker", () => {
  const variables = { GRANTED: "yes", UNGRANTED: canary };

  test("succeeds without a sandbox", async () => {
    const argv = ["/usr/bin/unshare", "--mount", process.execPath, join(scene.app, "attacker/server.mjs")];
    const attempts = [...granted(scene), ...denied(scene, "/tmp", { limits: true, calls: true })];
    expectAllowed(await attack(argv, { env: { ...process.env, ...variables } }, attempts), "bare");
    mustRun([
      "/bin/sh",
      "-c",
      `rm -f /tmp/mcpc-test-tool /tmp/mcpc-test-map ${scene.project}/new.txt; printf '# A project\\n' > ${scene.project}/README.md; chown -R 1000:1000 ${scene.out}`,
    ]);
  });

  test("is denied everything but what was granted, by compose and by docker run", async () => {
    const directory = join(compileScene(scene, attackPolicy, "docker", debian), "attack/docker");
    build(directory);
    for (const { name, argv } of forms(directory, "attack")) {
      const options = { cwd: directory, env: { ...docker.environment, ...variables } };
      expectAllowed(await attack(argv, options, granted(scene)), name);
      expectDenied(await attack(argv, options, denied(scene, "/tmp", { limits: true, calls: true })), name);
      const facts = await attack(argv, options, [
        { title: "identity", attempt: "identity", args: {} },
        { title: "capabilities", attempt: "status", args: { field: "CapEff" } },
        { title: "new privileges", attempt: "status", args: { field: "NoNewPrivs" } },
        { title: "seccomp", attempt: "status", args: { field: "Seccomp" } },
        { title: "masked", attempt: "read", args: { path: `${scene.project}/local.key` } },
      ]);
      expect(facts.get("identity")?.detail, name).toBe("1000:1000");
      expect(facts.get("capabilities")?.detail, name).toBe("0000000000000000");
      expect(facts.get("new privileges")?.detail, name).toBe("1");
      expect(facts.get("seccomp")?.detail, name).toBe("2");
      expect(facts.get("masked")?.detail, name).not.toContain(canary);
    }
  });

  test("writes nowhere else: not to message queues, nor to what the host mounts below a read-only grant", async () => {
    const tools = join(scene.app, "tools");
    const places = [join(scene.project, "mounted"), join(tools, "mounted")];
    for (const place of places) {
      mkdirSync(place, { recursive: true });
      mustRun(["/bin/mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", place]);
    }
    try {
      const policy = attackPolicy
        .replace("  write ", "  exec   ./tools;\n  write ")
        .replace("deny.future", "deny.future, files.exec");
      const directory = join(compileScene(scene, policy, "docker", debian), "attack/docker");
      build(directory);
      const attempts = [...places, "/dev/mqueue", "/dev/shm"].map((place) => ({
        title: `write to ${place}`,
        attempt: "write",
        args: { path: `${place}/new.txt` },
      }));
      for (const { name, argv } of forms(directory, "attack")) {
        const options = { cwd: directory, env: { ...docker.environment, ...variables } };
        expectAllowed(await attack(argv, options, granted(scene)), name);
        expectDenied(await attack(argv, options, attempts), name);
      }
    } finally {
      for (const place of places) attemptCommand(["/bin/umount", place]);
    }
  });
});
