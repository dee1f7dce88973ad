/** What `run` lets a server read: naively, by asking of one path whether it belongs to the program. */
import type { RunClause } from "../syntax/ast.ts";
import { absolute, type Held, type ReferencePolicy, resolved } from "./policy.ts";

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
const below = (path: string, directory: string): boolean =>
  path === directory || directory === "/" || path.startsWith(`${directory}/`);
const isThere = (policy: ReferencePolicy, path: string): boolean => policy.host.lookup(path).kind === "found";

/** The words of `run`, paths bound. */
function boundWords(policy: ReferencePolicy, { clause, directory }: Held<RunClause>): string[] {
  return clause.words.map((word) =>
    !word.startsQuoted && /^(?:\.\.?|~)\//.test(word.text)
      ? absolute(policy, word.text, directory)
      : word.text,
  );
}

/** From a package's launcher to what it starts. */
function installed(policy: ReferencePolicy, words: readonly string[], directory: string): readonly string[] {
  const [command = "", ...rest] = words;
  if (!/^(?:npx|bunx|pnpx)$/.test(command)) return words;
  const at = rest.findIndex((word) => !word.startsWith("-"));
  const name = (rest[at] ?? "").replace(/(?<=.)@[^/]*$/, "");
  for (let home = directory; ; home = parent(home)) {
    const place = `${home === "/" ? "" : home}/node_modules/${name}`;
    if (isThere(policy, place)) {
      const bin = policy.host.manifest(place)?.bin ?? {};
      const file = bin[name.slice(name.lastIndexOf("/") + 1)] ?? Object.values(bin)[0];
      if (file !== undefined) return ["node", `${place}/${file.replace(/^\.\//, "")}`, ...rest.slice(at + 1)];
    }
    if (home === "/") return words;
  }
}

/** The first word behind the interpreter that is no option and no option's value. */
function startedFile(words: readonly string[]): string | undefined {
  const takesValue =
    /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--env-file-if-exists|--title|--input-type|--watch-path|-W|-X)$/;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return words[at + 1];
    if (/^(?:-e|-p|-pe|-i|--eval|--print|--interactive|--test|--run|-c|-m)$/.test(word)) return undefined;
    if (takesValue.test(word)) at++;
    else if (!word.startsWith("-")) return word;
  }
  return undefined;
}

/** Whether a path belongs to the program that `run` starts, for reading or for executing. */
export function belongsToProgram(
  policy: ReferencePolicy,
  run: Held<RunClause>,
  access: "read" | "exec",
  path: string,
): boolean {
  const words = installed(policy, boundWords(policy, run), run.directory);
  const [command = ""] = words;
  const where = command.startsWith("/") ? command : policy.host.which(command);
  const executable = where === undefined ? undefined : resolved(policy, where);
  const libraries = executable === undefined ? [] : (policy.host.libraries(executable) ?? []);
  if (path === executable || libraries.includes(path)) return true;
  const name = command.slice(command.lastIndexOf("/") + 1);
  const isNode = name === "node" || name === "nodejs";
  if (!isNode && !/^python(?:3(?:\.\d+)?)?$/.test(name)) return false;
  const file = startedFile(words);
  const directories: string[] = [];
  const prefix = parent(parent(command));
  if (!isNode && command.startsWith("/") && isThere(policy, `${prefix === "/" ? "" : prefix}/pyvenv.cfg`))
    directories.push(prefix);
  if (file?.startsWith("/")) {
    const entry = resolved(policy, file);
    const home = parent(entry);
    const broad =
      below(policy.root, home) ||
      below(policy.home, home) ||
      below(policy.files[0]?.directory ?? policy.root, home);
    if (!broad) directories.push(home);
    if (access === "read" && path === entry) return true;
    if (isNode) {
      let found = false;
      for (let at = home; ; at = parent(at)) {
        const slash = at === "/" ? "" : at;
        if (access === "read" && path === `${slash}/package.json`) return true;
        const modules = `${slash}/node_modules`;
        if (!at.endsWith("/node_modules") && isThere(policy, modules)) {
          directories.push(resolved(policy, modules));
          found = true;
        }
        const inModules = at.includes("/node_modules");
        if (
          at === "/" ||
          at === policy.root ||
          at === policy.home ||
          (found && !inModules && below(policy.root, at))
        )
          break;
      }
    }
  }
  if (access === "read" && directories.some((directory) => below(path, directory))) return true;
  return directories.some((directory) =>
    policy.host
      .addons(directory)
      .some((addon) => path === addon || (policy.host.libraries(addon) ?? []).includes(path)),
  );
}
