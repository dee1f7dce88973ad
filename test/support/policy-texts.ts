/** Random policy texts, from the level of tokens: valid ones, and ones with a few mistakes. */
import fc from "fast-check";
import { clauseKeywords, declarationKeywords, keywords, relationKeywords } from "../../src/syntax/tokens.ts";

/** A token, and what may stand before it: white space with line ends and comments, or white space of its line only. */
interface Piece {
  readonly text: string;
  readonly before: "any" | "line";
}

const any = (text: string): Piece => ({ text, before: "any" });
const line = (text: string): Piece => ({ text, before: "line" });

const keyword = fc.constantFrom(...keywords.map(({ text }) => text));
const clauseKeyword = fc.constantFrom(...clauseKeywords);
const name = fc.oneof(keyword, fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/));
const quotable = fc.stringMatching(/^(?:[a-zA-Z0-9 ;<>#,()[\]{}'`=*é-]|\\["\\])*$/, { maxLength: 12 });
const path = fc
  .tuple(fc.constantFrom("/", "./", "../", "~/"), fc.stringMatching(/^[a-zA-Z0-9._@:=&|é-]{0,10}$/), quotable)
  .chain(([anchor, plain, inner]) =>
    fc.constantFrom(
      `${anchor}${plain}`,
      `${anchor}${plain}`,
      // A path with `*` is quoted whole.
      `${anchor}${plain}"${inner.replaceAll("*", "")}"`,
      `"${anchor}${inner.replaceAll("*", "")}"${plain}`,
      `"${anchor}${inner}"`,
    ),
  );
const glob = fc.constantFrom("**/.env", "*.key", "./a/**/b*", "/x/*", "**", "./read", "**/deny");
const endpoint = fc.constantFrom(
  "read:443",
  "api.example.com:443",
  "*.example.com:8000-8099",
  "10.0.0.0/8:53/udp",
  "[2001:db8::/32]:443",
  "[::1]:80",
);
const argument = fc.constantFrom(
  "cmd = TCGETS",
  "cmd in {TCGETS, 0x541B}",
  "flags & 0xff = 1",
  "in1=-1",
  "prot in{0,1}",
  "read = write",
);

/** Items with commas between; the first stands on its clause's line when it may be called as a keyword is. */
function items(item: fc.Arbitrary<string>, first: "any" | "line" = "any"): fc.Arbitrary<readonly Piece[]> {
  return fc
    .array(item, { minLength: 1, maxLength: 4 })
    .map((all) =>
      all.flatMap((text, index) => (index === 0 ? [{ text, before: first }] : [any(","), any(text)])),
    );
}

const call = fc
  .tuple(
    fc.oneof(clauseKeyword, fc.constantFrom("...", "@group", "openat", "server", "in", "_x9")),
    fc.option(fc.array(argument, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 3 }),
  )
  .map(([text, conditions]): readonly Piece[] =>
    conditions === undefined || /^[.@]/.test(text)
      ? [any(text)]
      : [
          any(text),
          any("("),
          ...conditions.flatMap((condition, index) => [
            ...(index === 0 ? [] : [any(",")]),
            ...(condition.match(/[A-Za-z_0-9-]+|[^\sA-Za-z_0-9-]/g) ?? []).map(any),
          ]),
          any(")"),
        ],
  );
const list = fc
  .array(call, { minLength: 1, maxLength: 5 })
  .map((calls) => [
    any("["),
    ...calls.flatMap((pieces, index) => [...(index === 0 ? [] : [any(",")]), ...pieces]),
    any("]"),
  ]);

const commandWord = fc.oneof(
  path,
  fc.constantFrom("node", "--port=80", "http://[::1]:80/", '--name="a # b"', "-x", '"read"', "*"),
);
const item = fc.constantFrom("files.deny", "unix", "user", "deputy.docker", "tmp.size", "limits.time");

const clause = (text: string, rest: readonly Piece[]): readonly Piece[] => [any(text), ...rest];
const scalar = (text: string, values: fc.Arbitrary<string>, before: "any" | "line" = "any") =>
  values.map((value) => clause(text, [{ text: value, before }]));

const repeatable: fc.Arbitrary<readonly Piece[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom("read", "write", "exec", "unix"), items(path))
    .map(([text, rest]) => clause(text, rest)),
  fc
    .tuple(
      fc.constantFrom([], [line("write")], [line("exec")]),
      items(
        fc.oneof(
          path.filter((text) => !text.includes("*")),
          glob,
        ),
      ),
    )
    .map(([access, rest]) => clause("deny", [...access, ...rest])),
  fc
    .tuple(
      fc.constantFrom("connect", "listen"),
      items(endpoint),
      items(fc.constantFrom("8080", "127.0.0.1:1")),
    )
    .map(([verb, remote, local]) => clause("net", [any(verb), ...(verb === "connect" ? remote : local)])),
  scalar("net", fc.constantFrom("none", "loopback", "any")),
  items(
    fc.oneof(keyword, fc.constantFrom("HOME", "A=b", "_x=", 'A="b, c"', "read=write", '"env"')),
    "line",
  ).map((rest) => clause("env", rest)),
  fc
    .tuple(fc.array(fc.constantFrom("docker", "all", "sb"), { minLength: 1, maxLength: 3 }), items(item))
    .map(([targets, rest]) =>
      clause("accept", [
        ...targets.flatMap((text, i) =>
          i === targets.length - 1 ? [any(`${text}:`)] : [any(text), any(",")],
        ),
        ...rest,
      ]),
    ),
);
const limit = fc.constantFrom(
  "memory 512MiB",
  "processes 64",
  "cpu 50%",
  "io 10MiB/s",
  "time 500ms",
  "files 9",
);
const single: readonly fc.Arbitrary<readonly Piece[]>[] = [
  fc.array(commandWord, { minLength: 1, maxLength: 5 }).map((words) => clause("run", words.map(line))),
  scalar("runtime", fc.constantFrom("node", "none")),
  scalar("image", fc.oneof(keyword, fc.constantFrom("ghcr.io/org/a:1")), "line"),
  scalar("user", fc.oneof(keyword, fc.constantFrom("1000:1000", "dynamic")), "line"),
  scalar("isolation", fc.constantFrom("process", "microvm")),
  scalar("tmp", fc.constantFrom("16MiB", "5KB")),
  fc
    .uniqueArray(limit, { maxLength: 3 })
    .map((limits) =>
      clause("limits", [
        any("<"),
        ...limits.flatMap((text) => [...text.split(" ").map(any), any(";")]),
        any(">"),
      ]),
    ),
  fc
    .array(fc.tuple(fc.constantFrom("+", "-"), list), { minLength: 1, maxLength: 3 })
    .map((lists) =>
      clause("syscalls", [any("default-deny"), ...lists.flatMap(([sign, calls]) => [any(sign), ...calls])]),
    ),
];

const block: fc.Arbitrary<readonly Piece[]> = fc
  .tuple(
    fc.array(repeatable, { maxLength: 4 }),
    fc.tuple(...single.map((one) => fc.option(one, { nil: undefined, freq: 2 }))),
    fc.boolean(),
  )
  .map(([repeated, once, last]) => {
    const clauses = [...repeated, ...once.flatMap((pieces) => (pieces === undefined ? [] : [pieces]))];
    const closed = clauses.flatMap((pieces, i) =>
      i < clauses.length - 1 || last ? [...pieces, any(";")] : pieces,
    );
    return [any("<"), ...closed, any(">")];
  });

const declaration: fc.Arbitrary<readonly Piece[]> = fc.oneof(
  fc.constant([any("language"), line("1"), any(";")]),
  fc
    .constantFrom("./org.mcp", '"./a b.mcp"', "../server.mcp")
    .map((text) => [any("import"), line(text), any(";")]),
  list.map((calls) => [any("group"), line("@read"), ...calls, any(";")]),
  fc
    .tuple(
      fc.constantFrom("server", "profile"),
      name,
      fc.option(items(name), { nil: undefined }),
      fc.option(name, { nil: undefined }),
      block,
    )
    .map(([kind, own, parents, ceiling, body]) => [
      any(kind),
      any(own),
      ...(parents ? [any("extends"), ...parents] : []),
      ...(ceiling === undefined ? [] : [any("within"), any(ceiling)]),
      ...body,
    ]),
);

const commentText = fc.constantFrom("# note", '# "quoted', "#<>;read ./x", "#", "# é ]");

/** Whether two tokens without white space between would be read as others than these. */
const needsSpace = (before: string, after: string): boolean =>
  !/[;<>,[\](){}]$/.test(before) && !/^[;<>,\])}(]/.test(after);

function gap(before: Piece | undefined, piece: Piece, chosen: readonly string[], end: string): string {
  if (!before) return chosen.includes("line") ? end : "";
  const atLeast =
    before.text === "," || needsSpace(before.text, piece.text) || piece.text.startsWith("[") ? " " : "";
  if (piece.before === "line") return chosen[0] === "tab" ? "\t" : atLeast || " ";
  return chosen.length === 0
    ? atLeast
    : chosen.map((c) => (c === "line" ? end : c === "tab" ? "\t" : ` ${c}${end}`)).join("");
}

const gaps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom("line", "tab") }, commentText), {
  maxLength: 2,
});

/** A policy text without a syntax error. */
export const validPolicyText: fc.Arbitrary<string> = fc
  .tuple(fc.array(declaration, { minLength: 1, maxLength: 4 }), fc.constantFrom("\n", "\r\n"))
  .chain(([declarations, end]) => {
    const pieces = declarations.flat();
    return fc
      .tuple(
        fc.array(gaps, { minLength: pieces.length, maxLength: pieces.length }),
        fc.constantFrom("", "\n", " # the end"),
        fc.constantFrom("", "", "", "\uFEFF"),
      )
      .map(([chosen, tail, mark]) => {
        const text = pieces.map((piece, i) => gap(pieces[i - 1], piece, chosen[i] ?? [], end) + piece.text);
        return mark + text.join("") + tail.replace("\n", end);
      });
  });

const debris = fc.constantFrom(
  ...['"', "\\", "'", "`", "#", "(", ")", "((", "[", "]", "{", "}", "<", ">", ";", ",", "=", "&&", "|", "*"],
  ...[
    " ",
    "\t",
    "\n",
    "\r\n",
    "\u200b",
    "\u00a0",
    "\u0085",
    "\u0001",
    "é",
    "😀",
    '"a\tb"',
    '"a\\n"',
    "[::1]",
    "a#b",
  ],
  ...[...declarationKeywords, ...relationKeywords, ...clauseKeywords].map((text) => ` ${text} `),
);

/** A policy text with a few mistakes: something taken out, put in, or both. */
export const brokenPolicyText: fc.Arbitrary<string> = fc
  .tuple(
    validPolicyText,
    fc.array(
      fc.record({
        at: fc.nat(),
        length: fc.nat({ max: 4 }),
        insert: fc.oneof(
          fc.constant(""),
          debris,
          fc.array(debris, { maxLength: 3 }).map((all) => all.join("")),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([text, mutations]) =>
    mutations.reduce((mutated, { at, length, insert }) => {
      const start = at % (mutated.length + 1);
      return mutated.slice(0, start) + insert + mutated.slice(start + length);
    }, text),
  );
