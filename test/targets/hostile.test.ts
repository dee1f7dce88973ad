import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { accepts } from "../../src/policy/accepts.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import type { OutputFile } from "../../src/targets/target.ts";
import { policyIrOf, serverIrOf } from "../support/ir.ts";
import { execWords, unitSettings } from "../support/parse-unit.ts";

const corpus = JSON.parse(
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../fixtures/hostile-strings.json"), "utf8"),
) as readonly { readonly id: string; readonly text: string }[];

type Where = "argument" | "value" | "path";

/** A server that holds the string in one place. */
function serverWith(where: Where, text: string): ServerIr {
  const path = `/srv/app/data/${text}`;
  return serverIrOf({
    program: {
      argv: ["node", "/srv/app/dist/index.js", ...(where === "argument" ? [text] : [])],
      executable: "/usr/bin/node",
      entry: "/srv/app/dist/index.js",
      workingDirectory: "/srv/app",
      origin: 0,
    },
    files: {
      grants: [
        { path: "/srv/app/dist", access: ["read"], type: "directory", by: "run", origin: 0 },
        ...(where === "path"
          ? [
              {
                path,
                access: ["read" as const, "write" as const],
                type: "directory" as const,
                by: "clause" as const,
                origin: 0,
              },
            ]
          : []),
      ],
      denies: [],
      credentials: [],
      sockets: [],
    },
    environment: where === "value" ? [{ name: "VALUE", value: text, origin: 0 }] : [],
    systemCalls: {
      exact: true,
      allow: ["close", "execve", "fstatfs", "getdents64", "openat", "openat2", "statx"].map((name) => ({
        name,
        conditions: "firm" as const,
        origins: [0],
      })),
      denied: [],
    },
    image: undefined,
  } as Partial<ServerIr>);
}

function compileTo(name: string, server: ServerIr): readonly OutputFile[] | "refused" {
  const target = targets.find((t) => t.name === name);
  if (!target) throw new Error(name);
  const context = {
    environment: defaultEnvironment,
    accepts: (item: Parameters<typeof accepts>[2]) => accepts(server, name, item),
    policy: policyIrOf(),
    location: "/srv/app/sandbox/fs",
    header: ["header"],
  };
  const lowered = target.lower(server, context);
  return lowered.ok ? target.print(lowered.model, context) : "refused";
}

const file = (files: readonly OutputFile[], path: string): string => {
  const found = files.find((f) => f.path === path);
  if (!found) throw new Error(`no ${path} among ${files.map((f) => f.path).join(", ")}`);
  return found.content;
};

interface Service {
  readonly entrypoint: readonly string[];
  readonly environment: readonly string[];
  readonly volumes?: readonly { readonly source: string; readonly target: string }[];
}

/** What docker would be told, read back by the real YAML parser, with compose's `$$` undone and nothing else known. */
function composeSees(files: readonly OutputFile[], where: Where): string | undefined {
  const text = file(files, "compose.yaml");
  const document = parseYaml(text) as { services: Record<string, Service> };
  expect(Object.keys(document.services)).toEqual(["fs"]);
  const service = document.services.fs as Service;
  const plain = (value: string): string => {
    expect(value.replaceAll("$$", "").includes("$"), "an interpolation").toBe(false);
    return value.replaceAll("$$", "$");
  };
  if (where === "argument") return plain(service.entrypoint[2] ?? "");
  if (where === "value") return plain(service.environment[0] ?? "").slice("VALUE=".length);
  return plain(service.volumes?.[0]?.target ?? "").slice("/srv/app/data/".length);
}

function unitSees(files: readonly OutputFile[], where: Where): string | undefined {
  const { settings } = unitSettings(file(files, "mcp-fs@.service"));
  expect(settings.filter((s) => s.key === "ExecStart").length).toBe(1);
  expect(settings.some((s) => s.key === "User" && s.value === "root")).toBe(false);
  const value = (key: string): string => settings.find((s) => s.key === key)?.value ?? "";
  if (where === "argument") return execWords(value("ExecStart").slice(1))[2];
  if (where === "value") return execWords(value("Environment"))[0]?.slice("VALUE=".length);
  return execWords(value("BindPaths"), ":")[0]?.slice("/srv/app/data/".length);
}

/** What a real shell makes of the launcher's words. */
function launcherSees(files: readonly OutputFile[], where: Where): string | undefined {
  const script = file(files, "run.sh");
  const line = script
    .split("\n")
    .find((l) => l.startsWith(where === "argument" ? "set -- '/usr/bin/node'" : "set -- /usr/bin/env"));
  const program = `set --; here=/h; tmp=/t; ${line ?? "false"}\nprintf '%s\\0' "$@"`;
  const words = execFileSync("/bin/sh", ["-c", program], { encoding: "buffer" }).toString("utf8").split("\0");
  if (where === "argument") return words[2];
  if (where === "value") return words.find((w) => w.startsWith("VALUE="))?.slice("VALUE=".length);
  return words.find((w) => /^P\d+=\/srv\/app\/data\//.test(w))?.replace(/^P\d+=\/srv\/app\/data\//, "");
}

function kubernetesSees(files: readonly OutputFile[], where: Where): string | undefined {
  const document = parseYaml(file(files, "patch.yaml")) as {
    spec: {
      containers: readonly {
        env: readonly { value: string }[];
        volumeMounts: readonly { mountPath: string }[];
      }[];
    };
  };
  const [container] = document.spec.containers;
  if (where === "value") {
    const value = container?.env[0]?.value ?? "";
    expect(value.replaceAll("$$(", "").includes("$("), "an expansion").toBe(false);
    return value.replaceAll("$$(", "$(");
  }
  return container?.volumeMounts[0]?.mountPath.slice("/srv/app/data/".length);
}

const readers: Readonly<Record<string, (files: readonly OutputFile[], where: Where) => string | undefined>> =
  {
    docker: composeSees,
    systemd: unitSees,
    sb: launcherSees,
    kubernetes: kubernetesSees,
  };

/** Normalised as the language would have done before. */
const isBoundPath = (text: string): boolean =>
  text !== "" && !text.split("/").some((part) => part === "" || part === "." || part === "..");

function expectExactOrRefused(target: string, where: Where, text: string): void {
  if (where === "path" && !isBoundPath(text)) return;
  // Without an image a pod is a patch, which has no command.
  if (target === "kubernetes" && where === "argument") return;
  const files = compileTo(target, serverWith(where, text));
  if (files !== "refused") expect(readers[target]?.(files, where)).toBe(text);
}

describe.each(Object.keys(readers))("hostile strings through %s", (target) => {
  test.each(["argument", "value", "path"] as const)("as %s: an error, or exactly that string", (where) => {
    for (const { text } of corpus) expectExactOrRefused(target, where, text);
  });

  test("arbitrary strings", () => {
    const runs = target === "sb" ? 100 : 400;
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.constantFrom("argument" as const, "value" as const, "path" as const),
        (text, where) => {
          expectExactOrRefused(target, where, text);
        },
      ),
      { numRuns: runs },
    );
  });

  test("harmless strings are not refused", () => {
    for (const where of ["argument", "value", "path"] as const) {
      for (const text of ["plain", "with space", "ünïcode", "a=b", "it's"])
        expect(compileTo(target, serverWith(where, text)), text).not.toBe("refused");
    }
  });
});
