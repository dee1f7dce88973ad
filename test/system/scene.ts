import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import net, { type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { attemptCommand, mustRun } from "./command.ts";

const here = dirname(fileURLToPath(import.meta.url));
/** The checkout. */
export const checkout = join(here, "../..");

/** What the outside process and the secrets hold, and nothing inside may see. */
export const canary = "MCPC_CANARY_a8f1c2";

/** A directory with a project, secrets beside it, and an outside world that listens. */
export interface Scene {
  readonly directory: string;
  readonly app: string;
  readonly home: string;
  readonly project: string;
  readonly out: string;
  readonly port: number;
  readonly outsidePid: number;
  /** Whether this machine lets a process enter the kernel by `int 0x80` at all: not every hypervisor does. */
  readonly hasInt80: boolean;
  readonly dispose: () => void;
}

/** Asks for the process's id by `int 0x80`, in a process of its own: where there is no such entry, that is its end. */
function entersByInt80(directory: string): boolean {
  const source = join(directory, "int80.c");
  const program = join(directory, "int80");
  writeFileSync(
    source,
    'int main(void) { long r = 20; __asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11"); return r > 0 ? 0 : 1; }\n',
  );
  mustRun(["/usr/bin/gcc", "-O1", "-o", program, source]);
  const { status } = attemptCommand([program]);
  if (status !== 0)
    process.stdout.write(
      "test:system: this machine ends a process that enters the kernel by int 0x80, with no sandbox at all: that attempt is left out\n",
    );
  return status === 0;
}

/** Sets the scene; the writable directory belongs to an unprivileged user, as it would outside of a test. */
export async function setScene(): Promise<Scene> {
  const directory = mkdtempSync("/srv/mcpc-system-");
  chmodSync(directory, 0o755);
  const app = join(directory, "app");
  const home = join(directory, "home");
  const project = join(app, "project");
  const out = join(project, "out");
  mkdirSync(join(app, "attacker"), { recursive: true });
  mkdirSync(join(home, ".ssh"), { recursive: true });
  mkdirSync(join(project, "hidden"), { recursive: true });
  mkdirSync(out, { recursive: true });
  chownSync(out, 1000, 1000);
  writeFileSync(join(project, "README.md"), "# A project\n");
  writeFileSync(join(project, "hidden/secret.txt"), canary);
  writeFileSync(join(project, "local.key"), canary);
  writeFileSync(join(app, "beside.txt"), canary);
  writeFileSync(join(home, ".ssh/id_rsa"), canary);
  copyFileSync(join(here, "attacker/server.mjs"), join(app, "attacker/server.mjs"));
  const include = join(dirname(dirname(process.execPath)), "include/node");
  mustRun([
    "/usr/bin/gcc",
    "-shared",
    "-fPIC",
    "-O1",
    `-I${include}`,
    "-I/usr/include/node",
    "-o",
    join(app, "attacker/attack.node"),
    join(here, "attacker/addon.c"),
  ]);
  writeFileSync(
    join(directory, "tool.c"),
    '#include <stdio.h>\nint main(void) { puts("tool ran"); return 0; }\n',
  );
  mustRun(["/usr/bin/gcc", "-static", "-O1", "-o", join(project, "tool"), join(directory, "tool.c")]);
  const listener = net.createServer((socket) => socket.end("outside"));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const outside: ChildProcess = spawn("/bin/sleep", ["1000"], { env: { SECRET: canary }, stdio: "ignore" });
  return {
    directory,
    app,
    home,
    project,
    out,
    port: (listener.address() as AddressInfo).port,
    outsidePid: outside.pid ?? 0,
    hasInt80: process.arch === "x64" && entersByInt80(directory),
    dispose: () => {
      outside.kill("SIGKILL");
      listener.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Writes a policy into the scene and compiles it with the command line, as a user would. */
export function compileScene(scene: Scene, policy: string, target: string, environment: string): string {
  writeFileSync(join(scene.app, "policy.mcp"), policy);
  const out = join(scene.app, `sandbox-${target}`);
  const words = [
    "compile",
    join(scene.app, "policy.mcp"),
    `--target=${target}`,
    `--env=${environment}`,
    `--home=${scene.home}`,
    `--out=${out}`,
  ];
  mustRun([process.execPath, join(checkout, "bin/mcpc.cjs"), ...words]);
  return out;
}

/** Puts the official filesystem server, from npm, beside the policy. */
export function installFilesystemServer(scene: Scene): void {
  const modules = join(scene.app, "node_modules");
  const tree = mustRun(["npm", "ls", "--all", "--parseable", "@modelcontextprotocol/server-filesystem"], {
    cwd: checkout,
  });
  if (!tree.includes("server-filesystem"))
    throw new Error("the filesystem server is not installed; run npm ci");
  // The packages that it needs, and nothing of this project's tools.
  const wanted = new Set<string>();
  const visit = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const manifest = JSON.parse(
      mustRun(["/bin/cat", join(checkout, "node_modules", name, "package.json")]),
    ) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency);
  };
  visit("@modelcontextprotocol/server-filesystem");
  for (const name of wanted)
    cpSync(join(checkout, "node_modules", name), join(modules, name), { recursive: true, dereference: true });
}
