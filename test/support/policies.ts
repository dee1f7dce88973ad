/** A set of policies that together use every clause, for checks that must hold of each output. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Workspace, workspace } from "./project.ts";

const digest = `sha256:${"a".repeat(64)}`;
const accepts = `accept all: deny.future, files.exec, files.deny, processes.other, syscalls.arguments, tmp.size,
    unix, user, limits.memory, limits.processes, limits.files, limits.cpu, limits.io, limits.time, isolation`;

/** The clauses of each policy's server, by a name that says what it is about; all accept what is asked, but the network. */
export const policyBodies: Readonly<Record<string, string>> = {
  program: "run node ./dist/index.js --flag; read ./project",
  writes: `run node ./dist/index.js; read ./project, ./single.txt; write ./project/out; tmp 16MiB;
    user 1000:1000; deny ./project/.env, ./project/secret`,
  exec: "run node ./dist/index.js; read ./project; exec ./tools; tmp 1MiB; user 1000:1000",
  strange: 'run node ./dist/index.js "a b" "$HOME" "%n"; read "./data, comma", "./quo\'te", "./per%cent"',
  limited: `run node ./dist/index.js; tmp 1MiB;
    limits < memory 256MiB; processes 64; files 256; cpu 50%; io 10MiB/s; time 8h >`,
  environment: `run node ./dist/index.js; env TOKEN, NODE_ENV=production, PRICE="$5", "HTTP_PROXY=http://x",
    HOME=/srv, LANG`,
  connect:
    "run node ./dist/index.js; net connect 10.0.0.0/8:5432, [2001:db8::/32]:443, api.example.com:443/udp",
  connectAccepted: `run node ./dist/index.js; net connect 10.0.0.0/8:5432; accept all: net.connect`,
  any: "run node ./dist/index.js; net any; accept all: net.connect",
  listen: "run node ./dist/index.js; net listen 8080, 0.0.0.0:9000-9001; accept sb: net.listen",
  listenAccepted: "run node ./dist/index.js; net listen 8080; accept all: net.connect, net.listen",
  loopback: "run node ./dist/index.js; net loopback; accept all: net.loopback",
  unix: "run node ./dist/index.js; read ./project; unix ./project/granted.sock",
  exact: `run node ./dist/index.js; tmp 1MiB;
    syscalls default-deny + [@runc-floor, @start, read, kill(sig = 15), prctl(option = 15)]`,
  subtracted: "run node ./dist/index.js; syscalls default-deny + [...] - [chmod, clone(flags = 0x3d0f00)]",
  bare: `runtime node; read ./project; write ./project/out; exec ./tools; tmp 16MiB; user 1000:1000; env TOKEN;
    deny ./project/secret; limits < memory 256MiB; processes 64; cpu 50%; time 8h >`,
  barePython: "runtime python; read ./project",
  dynamic: "run node ./dist/index.js; read ./project; user dynamic",
  image: `image registry.example/server@${digest}; read ./project; write ./project/out; tmp 16MiB;
    user 1000:1000; env TOKEN, A="$(B)"; limits < memory 256MiB; processes 64; cpu 50%; time 8h >`,
  imageRun: `image registry.example/server@${digest}; run node /srv/index.js "$(HOME)"; runtime node; tmp 1MiB`,
  imageListens: `image registry.example/server@${digest}; net listen 0.0.0.0:8080, 9000;
    net connect 10.1.2.0/24:443; limits < memory 64MiB; time 8h >`,
  imageAny: `image registry.example/server@${digest}; net any; accept all: net.connect`,
  kernel: `image registry.example/server@${digest}; isolation kernel; read ./project`,
};

/** The text of a policy, with what it accepts unless a test wants to see it refused. */
export function policyText(body: string, accepted = true): string {
  return `language 1;\nserver fs <\n  ${body};\n${accepted ? `  ${accepts};\n` : ""}>\n`;
}

/** A workspace that holds what the policies name, with two sockets that somebody listens on. */
export async function policyWorkspace(): Promise<Workspace> {
  const space = workspace({
    "dist/index.js": "",
    "project/README.md": "",
    "project/.env": "",
    "project/secret/key": "",
    "project/se:cret/key": "",
    "project/out": undefined,
    "single.txt": "",
    "tools/tool": "",
    "data, comma/x": "",
    "quo'te/x": "",
    "per%cent/x": "",
  });
  mkdirSync(join(space.directory, "project/deep"));
  writeFileSync(join(space.directory, "project/deep/file"), "");
  const servers = await Promise.all(
    ["granted", "other"].map(
      (name) =>
        new Promise<Server>((resolve) => {
          const server = createServer();
          server.listen(join(space.directory, `project/${name}.sock`), () => resolve(server));
        }),
    ),
  );
  return {
    ...space,
    dispose: () => {
      for (const server of servers) server.close();
      space.dispose();
    },
  };
}
