/** What a service runs under, read back: units, drop-ins and the `systemd-run` form. */
import { directives } from "../../src/targets/systemd/directives.ts";
import { type Check, fileOf, type Output } from "../support/outputs.ts";
import { execWords, unitSettings } from "../support/parse-unit.ts";
import { admits, firstOf } from "./trap.ts";

/** A setting, in the order of the file. */
interface Setting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** One way to run the server, with its settings. */
export interface Service {
  readonly form: "unit" | "drop-in" | "systemd-run";
  readonly settings: readonly Setting[];
  /** All values of a list, after the last empty one that resets it. */
  readonly list: (key: string) => readonly string[];
  /** The value that counts of a setting that is no list. */
  readonly value: (key: string) => string | undefined;
}

function serviceOf(form: Service["form"], settings: readonly Setting[]): Service {
  const list = (key: string): readonly string[] => {
    const values = settings.filter((s) => s.key === key).map((s) => s.value);
    return values.slice(values.lastIndexOf("") + 1);
  };
  return { form, settings, list, value: (key) => settings.filter((s) => s.key === key).at(-1)?.value };
}

const mainFiles = ["mcp-fs@.service", "mcp-fs.service", "fs.service.d/50-mcpc.conf"];

/** The path of the file that confines the server. */
export function mainFile(output: Output): string {
  return mainFiles.find((path) => output.files.has(path)) ?? "";
}

function runSettings(text: string): readonly Setting[] {
  const { argv } = JSON.parse(text) as { argv: readonly string[] };
  return argv.slice(0, argv.indexOf("--")).flatMap((word) => {
    const [, key, value] = /^--property=(\w+)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined) return [];
    return [{ section: directives.get(key)?.section ?? "", key, value }];
  });
}

/** Every way to run the server that was emitted. */
export function servicesOf(output: Output): readonly Service[] {
  const path = mainFile(output);
  const unit = serviceOf(
    path.endsWith(".conf") ? "drop-in" : "unit",
    unitSettings(fileOf(output, path)).settings,
  );
  const run = output.files.get("run.json");
  return [unit, ...(run === undefined ? [] : [serviceOf("systemd-run", runSettings(run))])];
}

/** A check of each way to run the server. */
export function everyService(
  problem: (service: Service, output: Output) => string | false | undefined,
): Check {
  return (output) => {
    try {
      return firstOf(servicesOf(output), (service) => {
        const found = problem(service, output);
        return found ? `${service.form}: ${found}` : undefined;
      });
    } catch (error) {
      return String(error);
    }
  };
}

/** Whether the header of the file that confines the server says something of a dimension. */
export const admitted = (output: Output, dimension: string, words: RegExp): boolean =>
  admits(fileOf(output, mainFile(output)), dimension, words);

/** The words of all values of a list. */
export const words = (service: Service, key: string): readonly string[] =>
  service.list(key).flatMap((value) => execWords(value));

/** Source, destination and options of the binds of a list. */
export function binds(service: Service, key: string): readonly (readonly string[])[] {
  return service.list(key).map((value) => execWords(value, ":"));
}

/** A path without the prefixes `-` and `+`. */
export const bare = (path: string): string => path.replace(/^-?\+?/, "");

/** Lists of paths. */
export const pathLists = ["NoExecPaths", "ExecPaths", "InaccessiblePaths", "ReadOnlyPaths", "ReadWritePaths"];
