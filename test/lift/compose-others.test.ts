/** Compose files, command lines and Dockerfiles in the style in which people write them: a verdict for each. */
import { describe, expect, test } from "vitest";
import { liftCompose } from "../../src/lift/compose.ts";
import { ContainerError, type LiftedContainer } from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { liftDockerfile } from "../../src/lift/dockerfile.ts";
import { environmentWith, fileBeyond, peerOf, socketBeyond } from "../support/container-witness.ts";

const dockerfile = `FROM node:22-alpine AS deps
WORKDIR /app
COPY package*.json ./
RUN --mount=type=cache,target=/root/.npm npm ci

FROM node:22-alpine
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY . .
EXPOSE 3000
USER node
CMD ["node", "server.js"]
`;

/** What somebody may read of a verdict: the user, a file, a socket, a peer, whether calls are filtered, how many findings. */
function verdict(container: LiftedContainer): string {
  const { identity, calls, limits } = container.authority;
  const user = identity?.user;
  const who = !user ? "anybody" : user.kind === "ids" ? `${user.uid}:${user.gid}` : user.kind;
  const most = limits ? Object.keys(limits).join("+") || "no limits" : "unknown limits";
  return [
    who,
    fileBeyond(container) ?? "no file",
    socketBeyond(container) ?? "no socket",
    peerOf(container) === undefined ? "no peer" : "peers",
    calls ? "filter" : "all calls",
    most,
    container.findings.length,
  ].join(", ");
}

const composed: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a web application with a database",
    `version: "3.8"
services:
  app:
    build: .
    ports: ["3000:3000"]
    environment:
      DATABASE_URL: postgres://db/app
    depends_on: [db]
    restart: unless-stopped
  db:
    image: postgres:16
    volumes:
      - data:/var/lib/postgresql/data
    environment:
      POSTGRES_PASSWORD: secret
volumes:
  data:
`,
    [
      "named, read /srv/app, no socket, peers, all calls, no limits, 1",
      "any, read /var/lib/docker/volumes/app_data/_data, read /var/lib/docker/volumes/app_data/_data, peers, all calls, no limits, 2",
    ],
  ],
  [
    "a proxy that watches docker",
    `services:
  proxy:
    image: traefik:v3
    command: --providers.docker
    ports: ["80:80"]
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
`,
    ["any, read /var/run/docker.sock, read /var/run/docker.sock, peers, all calls, no limits, 2"],
  ],
  [
    "an exporter of the host's figures",
    `services:
  exporter:
    image: prom/node-exporter
    pid: host
    network_mode: host
    volumes: ["/:/host:ro,rslave"]
    user: "65534"
`,
    ["65534:0, everything, everything, peers, all calls, no limits, 4"],
  ],
  [
    "development, with the sources mounted over the image",
    `services:
  app:
    build: {context: ., target: deps}
    command: npm run dev
    volumes:
      - .:/app
      - /app/node_modules
    tty: true
    stdin_open: true
`,
    ["any, read /srv/app, read /srv/app, peers, all calls, no limits, 2"],
  ],
  [
    "what a guide to hardening says",
    `services:
  app:
    image: app:1
    user: 1001:1001
    read_only: true
    tmpfs: ["/tmp:size=16m"]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 256m
    pids_limit: 100
    networks: [back]
networks:
  back:
    internal: true
`,
    ["1001:1001, no file, no socket, peers, all calls, memory+processes+tmp, 2"],
  ],
  [
    "one with secrets and an environment file",
    `services:
  app:
    image: app:1
    env_file: .env
    secrets: [token]
secrets:
  token:
    file: ./token
`,
    ["any, everything, everything, peers, all calls, unknown limits, 4"],
  ],
  [
    "limits for a swarm",
    `services:
  app:
    image: app:1
    user: "1:1"
    deploy:
      replicas: 2
      resources: {limits: {memory: 64M, cpus: "0.5"}}
`,
    ["1:1, no file, no socket, peers, all calls, memory+cpu, 1"],
  ],
  [
    "a graphics card, and a device",
    `services:
  model:
    image: model:1
    runtime: nvidia
    devices: ["/dev/dri:/dev/dri"]
    shm_size: 8g
    ipc: host
`,
    ["any, everything, everything, peers, all calls, unknown limits, 4"],
  ],
  [
    "a build machine",
    `services:
  dind:
    image: docker:dind
    privileged: true
    volumes: ["cache:/var/lib/docker"]
volumes: {cache: {}}
`,
    ["any, everything, everything, peers, all calls, unknown limits, 2"],
  ],
  [
    "a server of MCP, with its limits below deploy",
    `version: "3.9"
x-logging: {driver: json-file}
services:
  mcp:
    image: "mcp/filesystem:latest"
    command: ["/projects"]
    stdin_open: true
    init: true
    read_only: yes
    user: "1000:1000"
    network_mode: "none"
    cap_drop:
      - ALL
    security_opt:
      - no-new-privileges:true
    tmpfs: /tmp:size=64m
    volumes:
      - type: bind
        source: ./projects
        target: /projects
        read_only: true
    deploy:
      resources:
        limits:
          cpus: "1.0"
          memory: 512M
          pids: 128
        reservations: {memory: 128M}
    restart: "no"
`,
    [
      "1000:1000, read /srv/app/projects, read /srv/app/projects, no peer, all calls, memory+processes+cpu+tmp, 1",
    ],
  ],
  [
    "a queue that waits for what it needs, in the long forms",
    `services:
  worker:
    build:
      context: ./worker
      dockerfile: Dockerfile.worker
      args: {NODE_ENV: production}
    depends_on:
      redis: {condition: service_healthy, restart: true}
    ulimits: {nofile: {soft: 1024, hard: 4096}}
    ports:
      - {target: 3000, published: "3000", protocol: tcp, mode: host}
    environment: {NODE_ENV: production, PORT: 3000, DEBUG: false}
  redis:
    image: redis:7-alpine
    healthcheck: {test: [CMD, redis-cli, ping], interval: 5s, retries: 5}
    tmpfs: [/data]
    sysctls: [net.core.somaxconn=1024]
`,
    [
      "any, everything, no socket, peers, all calls, files, 3",
      "any, no file, no socket, peers, all calls, unknown limits, 4",
    ],
  ],
];

describe("compose files", () => {
  test.each(composed)("%s", (_, text, expected) => {
    const environment = environmentWith({ "/srv/app/Dockerfile": dockerfile });
    expect(liftCompose(text, environment).map(verdict)).toEqual(expected);
  });

  test.each([
    [
      "shared settings by an anchor",
      "x-base: &base {restart: always}\nservices: {a: {<<: *base, image: x}}\n",
      "an anchor: what it comes to is not read here, so write it where it belongs",
    ],
    [
      "an override alone",
      "services:\n  app:\n    command: npm run dev\n",
      "the service `app` has neither an image nor a build",
    ],
    [
      "the form of before there were services",
      "app:\n  image: x\n",
      "compose refuses the key `app`, which it does not know",
    ],
    [
      "a user without quotes",
      "services:\n  app:\n    image: x\n    user: 1000\n",
      "compose refuses `1000` here, which without quotes is no string",
    ],
    [
      "a number without quotes for the version",
      "version: 3.8\nservices:\n  app:\n    image: x\n",
      "compose refuses `3.8` here, which without quotes is no string",
    ],
    [
      "options that stand a level too high",
      "services:\n  app:\n    image: x\n    driver_opts: {type: none}\n",
      "compose refuses the key `driver_opts`, which it does not know",
    ],
    [
      "a volume that nobody declares",
      "services:\n  app:\n    image: x\n    volumes: ['data:/data']\n",
      "there is no volume `data`",
    ],
    ["a tab", "services:\n\tapp:\n\t\timage: x\n", "Tabs are not allowed as indentation"],
  ])("%s: refused, and not half read", (_, text, reason) => {
    const lift = () => liftCompose(text, environmentWith());
    expect(lift).toThrow(ContainerError);
    expect(lift).toThrow(reason);
  });
});

describe("command lines", () => {
  test.each([
    [
      "docker run -i --rm mcp/filesystem /projects",
      "any, no file, no socket, peers, all calls, no limits, 2",
    ],
    [
      "docker run -i --rm --mount type=bind,src=/home/u/p,dst=/projects/p mcp/filesystem /projects",
      "any, read /home/u/p, read /home/u/p, peers, all calls, no limits, 2",
    ],
    [
      "docker run -i --rm -e GITHUB_TOKEN ghcr.io/x/y",
      "any, no file, no socket, peers, all calls, no limits, 2",
    ],
    [
      "docker run -d --name db -p 5432:5432 -v $PWD/data:/data postgres",
      "any, read /srv/app/$PWD/data, read /srv/app/$PWD/data, peers, all calls, no limits, 2",
    ],
    [
      "docker run --privileged --net=host -v /:/host -it alpine",
      "any, everything, everything, peers, all calls, unknown limits, 4",
    ],
  ])("%s", (line, expected) => {
    const words = line.split(" ").map((word) => (word.startsWith("$") ? `./${word}` : word));
    expect(verdict(liftDockerRun(words, environmentWith()))).toBe(expected);
  });
});

describe("Dockerfiles", () => {
  test("of a program in two stages", () => {
    const { image, base, sources, cmd, findings } = liftDockerfile(dockerfile, "node_modules\n.git\n", {
      context: "/c",
    });
    expect(image.user).toBe("node");
    expect([base, cmd, findings]).toEqual(["node:22-alpine", ["node", "server.js"], []]);
    expect(sources).toEqual(["/package*.json", "/"]);
  });

  test.each([
    [
      "a static program",
      'FROM golang:1 AS b\nCOPY . .\nRUN go build -o /x\nFROM scratch\nCOPY --from=b /x /x\nENTRYPOINT ["/x"]\n',
      "0:0",
    ],
    [
      "a shell form",
      "FROM debian\nRUN apt-get update && \\\n    apt-get install -y curl \\\n # why\n && rm -rf /var/lib/apt\nCMD npm start\n",
      undefined,
    ],
    ["a user by argument", "FROM alpine\nARG UID=1000\nUSER $UID\n", undefined],
    ["lower case", 'from alpine\nuser 5:5\ncmd ["a"]\n', "5:5"],
    [
      "a here-document",
      "# syntax=docker/dockerfile:1\nFROM alpine\nRUN <<EOF\nset -e\nUSER\nEOF\nUSER 6\n",
      "6",
    ],
  ])("%s", (_, text, user) => {
    expect(liftDockerfile(text, undefined, { context: "/c" }).image.user).toBe(user);
  });
});
