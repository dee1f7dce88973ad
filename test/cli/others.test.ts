/**
 * `mcpc verify` on files that it did not write: each gets a verdict with its reasons, and none of them more than that. The units
 * are those that the machine's own packages install, where it has any.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { runCli as run } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures");
const units = "/lib/systemd/system";
const space = workspace({ "policy.mcp": "server s <\n  read /srv/data;\n  net none;\n>\n" });
afterAll(space.dispose);

interface Found {
  readonly file: string;
  readonly unreadable?: { readonly reason: string };
  readonly findings: readonly { readonly message: string }[];
  readonly slices: readonly { readonly slice: string; readonly verdict: string; readonly permits?: string }[];
}

/** Files by what they are, each in a directory of its own so that nothing beside it is read with it. */
function filesOf(directory: string, ending: RegExp): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => ending.test(name) && statSync(join(directory, name)).isFile())
    .map((name) => join(directory, name));
}

const hand: Readonly<Record<string, string>> = {
  "web/docker-compose.yml":
    "services:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n    volumes:\n      - ./site:/usr/share/nginx/html:ro\n",
  "db/compose.yaml":
    "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: $DB_PASSWORD\n    volumes: [data:/var/lib/postgresql/data]\nvolumes:\n  data: {}\n",
  "hardened/compose.yaml":
    'services:\n  s:\n    image: example.com/s\n    user: "65532:65532"\n    read_only: true\n    cap_drop: [ALL]\n    security_opt: ["no-new-privileges:true"]\n    network_mode: none\n    pids_limit: 64\n    mem_limit: 64m\n',
  "socket/compose.yaml":
    "services:\n  agent:\n    image: example.com/agent\n    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock:ro\n",
  "merge/compose.yaml":
    "x-base: &base\n  read_only: true\nservices:\n  s:\n    <<: *base\n    image: example.com/s\n",
  "client/mcp.json":
    '{"mcpServers":{"s":{"command":"docker","args":["run","-i","--rm","-v","/home/u:/work","example.com/s"]}}}\n',
  "run/run.json": '{"argv":["docker","run","--rm","--privileged","--network=host","example.com/s"]}\n',
};

function handWritten(): readonly string[] {
  return Object.entries(hand).map(([name, text]) => {
    const path = join(space.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  });
}

/** A copy alone in a directory. */
function alone(path: string, at: number): string {
  const directory = join(space.directory, `alone-${at}`);
  mkdirSync(directory, { recursive: true });
  const copy = join(directory, path.slice(path.lastIndexOf("/") + 1));
  cpSync(path, copy, { dereference: true });
  return copy;
}

const isReason = ({ unreadable, findings, slices }: Found): boolean =>
  unreadable !== undefined ||
  findings.length > 0 ||
  slices.every(
    ({ verdict, permits }) => verdict === "within" || (verdict === "beyond" && permits !== undefined),
  );

test("each file of others has a verdict with its reasons", async () => {
  const paths = [
    ...handWritten(),
    ...filesOf(join(fixtures, "kubernetes"), /\.yaml$/).map(alone),
    ...filesOf(join(fixtures, "sb"), /\.sb$/).map((path, at) => alone(path, 100 + at)),
    ...filesOf(units, /\.service$/)
      .filter((path) => readFileSync(path, "utf8").includes("[Service]"))
      .slice(0, 60)
      .map((path, at) => alone(path, 200 + at)),
  ];
  const counts = { files: 0, within: 0, beyond: 0, unreadable: 0, nothing: 0 };
  for (const path of paths) {
    const { code, out, err } = await run(
      "verify",
      join(space.directory, "policy.mcp"),
      path,
      "--format=json",
    );
    expect([0, 1], `${path}: ${err}`).toContain(code);
    const parts = (JSON.parse(out) as { parts: Found[] }[]).flatMap((bundle) => bundle.parts);
    expect(parts.every(isReason), `${path}: ${out}`).toBe(true);
    counts.files++;
    if (parts.length === 0) counts.nothing++;
    else if (code === 0) counts.within++;
    else if (parts.some(({ unreadable }) => unreadable)) counts.unreadable++;
    else counts.beyond++;
  }
  process.stdout.write(`verify on files of others: ${JSON.stringify(counts)}\n`);
  expect(counts.files).toBeGreaterThanOrEqual(existsSync(units) ? 40 : 25);
  expect(counts.beyond).toBeGreaterThan(counts.files / 3);
  expect(counts.nothing).toBeLessThan(5);
}, 120_000);

test.each([
  ["socket/compose.yaml", /unix \/|docker\.sock|run as/],
  ["merge/compose.yaml", /anchor|merge|alias/],
  ["client/mcp.json", /\/home\/u|run as/],
  ["run/run.json", /privileged/],
  ["db/compose.yaml", /DB_PASSWORD|interpol|env/],
  ["hardened/compose.yaml", /seccomp/],
])("%s: what one would want to read of it", async (name, says) => {
  handWritten();
  const { code, err, out } = await run(
    "verify",
    join(space.directory, "policy.mcp"),
    join(space.directory, name),
  );
  expect(code).toBe(1);
  expect(`${out}${err}`).toMatch(says);
});
