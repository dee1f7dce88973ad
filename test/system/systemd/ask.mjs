// Runs inside the booted machine: sends requests to a server's socket, one connection each list, and prints the answers.
import { readFileSync } from "node:fs";
import net from "node:net";

const lists = JSON.parse(readFileSync(process.argv[2], "utf8"));

const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "mcpc-system-test", version: "1.0.0" },
  },
};

const ask = ({ socket, requests }) =>
  new Promise((resolve) => {
    const answers = [];
    const connection = net.connect(socket);
    const finish = () => {
      connection.destroy();
      resolve(answers);
    };
    const timer = setTimeout(finish, 15_000);
    let text = "";
    connection.on("data", (data) => {
      text += data;
      const lines = text.split("\n");
      text = lines.pop();
      answers.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line)));
      if (answers.length === requests.length + 1) {
        clearTimeout(timer);
        finish();
      }
    });
    connection.on("error", finish);
    connection.on("close", () => {
      clearTimeout(timer);
      resolve(answers);
    });
    const all = [
      initialize,
      { jsonrpc: "2.0", method: "notifications/initialized" },
      ...requests.map((params, index) => ({ jsonrpc: "2.0", id: index + 1, method: "tools/call", params })),
    ];
    connection.write(all.map((message) => `${JSON.stringify(message)}\n`).join(""));
  });

const answers = [];
for (const list of lists) answers.push(await ask(list));
console.log(`ANSWERS ${JSON.stringify(answers)}`);
