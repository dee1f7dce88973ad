// An MCP server that tries what it is told to try, and says how that went. Without dependencies, so that it starts
// wherever node does.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { createInterface } from "node:readline";

const addon = createRequire(import.meta.url)("./attack.node");

const check = (value) => {
  if (value < 0) throw new Error(`errno ${-value}`);
  return String(value);
};

/** Connects, and says what the other side writes. */
const connect = (options) =>
  new Promise((resolve, reject) => {
    const socket = net.connect(options);
    socket.setTimeout(2000, () => reject(new Error("timeout")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });

const run = (path) => {
  const { error, status, stdout } = spawnSync(path, [], { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`status ${status}`);
  return stdout;
};

const attempts = {
  read: ({ path }) => readFileSync(path, "utf8"),
  list: ({ path }) => readdirSync(path).join(" "),
  stat: ({ path }) => String(statSync(path).size),
  write: ({ path }) => {
    writeFileSync(path, "written");
    return "written";
  },
  append: ({ path }) => appendFileSync(path, "x"),
  rename: ({ path, to }) => renameSync(path, to),
  execute: ({ path }) => run(path),
  map: ({ path }) => check(addon.mapExecutable(path)),
  "copy and execute": ({ path, to }) => {
    copyFileSync(path, to);
    chmodSync(to, 0o755);
    return run(to);
  },
  "copy and map": ({ path, to }) => {
    copyFileSync(path, to);
    return check(addon.mapExecutable(to));
  },
  // Any process that can be seen, and its environment.
  environments: ({ canary }) => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readFileSync(`/proc/${pid}/environ`, "utf8").includes(canary)) return `found in ${pid}`;
      } catch {}
    }
    throw new Error("not found");
  },
  tcp: ({ host, port }) => connect({ host, port }),
  unix: ({ path }) => connect({ path }),
  listen: () =>
    new Promise((resolve, reject) => {
      const server = net.createServer().once("error", reject);
      server.listen(0, "127.0.0.1", () => server.close(() => resolve("listened")));
    }),
  // A word is a number, a string, or so many bytes of zeros.
  call: ({ words }) =>
    check(
      addon.call(
        ...words.map((word) =>
          typeof word === "number"
            ? word
            : Buffer.from(typeof word === "string" ? `${word}\0` : "\0".repeat(word.bytes)),
        ),
      ),
    ),
  int80: ({ words }) => check(addon.int80(...words)),
  forks: ({ count }) => {
    const made = addon.forks(count);
    if (made < count) throw new Error(`${made} of ${count}`);
    return String(made);
  },
  memory: ({ bytes }) => {
    const blocks = [];
    for (let left = bytes; left > 0; left -= 16 << 20) blocks.push(Buffer.alloc(16 << 20, 1));
    return String(blocks.length);
  },
  variable: ({ name }) => {
    const value = process.env[name];
    if (value === undefined) throw new Error("absent");
    return value;
  },
  descriptors: () => {
    const open = readdirSync("/proc/self/fd")
      .map(Number)
      .filter((fd) => fd > 2);
    const files = open.filter((fd) => {
      try {
        return statSync(`/proc/self/fd/${fd}`).isFile();
      } catch {
        return false;
      }
    });
    if (files.length === 0) throw new Error("none");
    return files.join(" ");
  },
  identity: () => `${process.getuid()}:${process.getgid()}`,
  status: ({ field }) =>
    new RegExp(`^${field}:\\s*(.*)$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "",
};

const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);

createInterface({ input: process.stdin }).on("line", async (text) => {
  const { id, method, params } = JSON.parse(text);
  if (method === "initialize") {
    answer(id, {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: "attacker", version: "1.0.0" },
    });
  } else if (method === "tools/list") {
    answer(id, { tools: [{ name: "attempt", inputSchema: { type: "object" } }] });
  } else if (method === "tools/call") {
    const { attempt, ...words } = params.arguments;
    let outcome;
    try {
      outcome = { ok: true, detail: String(await attempts[attempt](words)) };
    } catch (error) {
      outcome = { ok: false, detail: error.code ?? error.message };
    }
    answer(id, { content: [{ type: "text", text: JSON.stringify(outcome) }] });
  } else if (id !== undefined) answer(id, {});
});
