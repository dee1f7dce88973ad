/**
 * The grammar, as a Chevrotain CstParser: LL(1), without actions, tolerant. It keeps apart what a clause is made of;
 * what may stand where is for `build-ast.ts` to say, which can say it in the words of the clause.
 */
import "./object-group-by.ts";
import { CstParser, type IToken, type TokenType } from "chevrotain";
import * as t from "./tokens.ts";

const clauseTokens = t.clauseKeywords.map((text) => t.keywordToken(text));
const declarationTokens = t.declarationKeywords.filter((k) => k !== "language").map((k) => t.keywordToken(k));
const simpleClauses = t.clauseKeywords.filter(
  (k) => k !== "run" && k !== "limits" && k !== "syscalls" && k !== "deny",
);

const isOneOf = (token: IToken, types: readonly TokenType[]): boolean => types.includes(token.tokenType);

/** Rules that are there to read past mistakes: what they match is reported, whatever it is. */
export const recoveryRules: readonly string[] = [
  "anything",
  "nestedArguments",
  "unknownClause",
  "unknownDeclaration",
];

/** The parser; `parse.ts` makes one on first use and keeps it. */
export class PolicyParser extends CstParser {
  constructor(options: { readonly skipValidations: boolean }) {
    super([...t.allTokens], {
      recoveryEnabled: true,
      maxLookahead: 1,
      nodeLocationTracking: "none",
      skipValidations: options.skipValidations,
    });
    this.performSelfAnalysis();
  }

  /** Whether the next token begins a clause: a keyword does, whatever stands before it. */
  private atClause(): boolean {
    return isOneOf(this.LA(1), clauseTokens);
  }

  /** Whether the next token is on the line of the one before it. */
  private onSameLine(): boolean {
    return this.LA(0).endLine === this.LA(1).startLine;
  }

  /** A clause's keyword with something behind it, where a word may stand: a clause begins there after all. */
  private atWholeClause(): boolean {
    const next = this.LA(2).tokenType;
    return this.atClause() && next !== t.Comma && next !== t.Semicolon && next !== t.Close;
  }

  public file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.declaration));
  });

  private declaration = this.RULE("declaration", () => {
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.languageDeclaration) },
        { ALT: () => this.SUBRULE(this.importDeclaration) },
        { ALT: () => this.SUBRULE(this.groupDeclaration) },
        { ALT: () => this.SUBRULE(this.blockDeclaration) },
        { ALT: () => this.CONSUME(t.Semicolon) },
        { ALT: () => this.SUBRULE(this.unknownDeclaration) },
      ],
    });
  });

  private languageDeclaration = this.RULE("languageDeclaration", () => {
    this.CONSUME(t.keywordToken("language"));
    this.SUBRULE(this.declarationWords);
  });

  private importDeclaration = this.RULE("importDeclaration", () => {
    this.CONSUME(t.keywordToken("import"));
    this.SUBRULE(this.declarationWords);
  });

  /** Words up to the `;`, but not past the beginning of another declaration on a line of its own. */
  private declarationWords = this.RULE("declarationWords", () => {
    this.MANY({ GATE: () => this.onSameLine(), DEF: () => this.CONSUME(t.Word) });
  });

  private groupDeclaration = this.RULE("groupDeclaration", () => {
    this.CONSUME(t.keywordToken("group"));
    this.OPTION({ GATE: () => this.onSameLine(), DEF: () => this.CONSUME(t.Word) });
    this.OPTION1(() => this.SUBRULE(this.callList));
  });

  private blockDeclaration = this.RULE("blockDeclaration", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.keywordToken("server")) },
      { ALT: () => this.CONSUME(t.keywordToken("profile")) },
    ]);
    // A name may be any word, `extends` included, but `server extends house <` forgot the name.
    this.OPTION(() => this.CONSUME(t.Word, { LABEL: "name" }));
    this.MANY(() => this.SUBRULE(this.relation));
    this.OPTION1(() => this.SUBRULE(this.block));
  });

  private relation = this.RULE("relation", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.keywordToken("extends")) },
      { ALT: () => this.CONSUME(t.keywordToken("within")) },
    ]);
    this.SUBRULE(this.names);
  });

  private names = this.RULE("names", () => {
    this.OPTION(() => {
      this.CONSUME(t.Word);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.OPTION1(() => this.CONSUME1(t.Word));
      });
    });
  });

  /** What is no declaration, up to where one may begin: with its block, if it has one. */
  private unknownDeclaration = this.RULE("unknownDeclaration", () => {
    this.AT_LEAST_ONE({
      GATE: () => !isOneOf(this.LA(1), declarationTokens) || this.onSameLine(),
      DEF: () => this.SUBRULE(this.anything),
    });
  });

  private block = this.RULE("block", () => {
    this.CONSUME(t.Open);
    this.MANY({
      // Only here do these words mean that a `>` is missing.
      GATE: () => !isOneOf(this.LA(1), declarationTokens),
      DEF: () => {
        this.OR([{ ALT: () => this.CONSUME(t.Semicolon) }, { ALT: () => this.SUBRULE(this.clause) }]);
      },
    });
    this.OPTION(() => this.CONSUME(t.Close));
  });

  private clause = this.RULE("clause", () => {
    this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.simpleClause) },
        { ALT: () => this.SUBRULE(this.denyClause) },
        { ALT: () => this.SUBRULE(this.runClause) },
        { ALT: () => this.SUBRULE(this.limitsClause) },
        { ALT: () => this.SUBRULE(this.syscallsClause) },
        { ALT: () => this.SUBRULE(this.unknownClause) },
      ],
    });
  });

  private simpleClause = this.RULE("simpleClause", () => {
    this.OR(simpleClauses.map((text) => ({ ALT: () => this.CONSUME(t.keywordToken(text)) })));
    this.SUBRULE(this.items);
  });

  private denyClause = this.RULE("denyClause", () => {
    this.CONSUME(t.keywordToken("deny"));
    this.OPTION({
      GATE: () => this.onSameLine(),
      DEF: () =>
        this.OR([
          { ALT: () => this.CONSUME(t.keywordToken("write")) },
          { ALT: () => this.CONSUME(t.keywordToken("exec")) },
        ]),
    });
    this.SUBRULE(this.items);
  });

  /** Items, separated by commas; what stands in an item side by side is for the clause to judge. */
  private items = this.RULE("items", () => {
    this.OPTION({
      GATE: () => !this.atClause() || (this.onSameLine() && !this.atWholeClause()),
      DEF: () => this.SUBRULE(this.item),
    });
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.OPTION1({ GATE: () => !this.atWholeClause(), DEF: () => this.SUBRULE1(this.item) });
    });
  });

  private item = this.RULE("item", () => {
    this.CONSUME(t.Word);
    this.MANY({
      GATE: () => !this.atClause() || (this.behindColon() && !this.atWholeClause()),
      DEF: () => this.CONSUME1(t.Word),
    });
  });

  /** Behind the targets of `accept`, where an item may be called as a clause is: `accept docker: unix`. */
  private behindColon(): boolean {
    return this.LA(0).image.endsWith(":");
  }

  /** The words of `run` stand on one line, so that a forgotten `;` can't swallow the clause below. */
  private runClause = this.RULE("runClause", () => {
    this.CONSUME(t.keywordToken("run"));
    this.MANY({
      GATE: () => this.onSameLine() && !this.atClause(),
      DEF: () => this.OR([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Comma) }]),
    });
  });

  private limitsClause = this.RULE("limitsClause", () => {
    this.CONSUME(t.keywordToken("limits"));
    this.OPTION(() => {
      this.CONSUME(t.Open);
      this.MANY({
        GATE: () => !this.atClause() && !isOneOf(this.LA(1), declarationTokens),
        DEF: () =>
          this.OR([{ ALT: () => this.CONSUME(t.Semicolon) }, { ALT: () => this.SUBRULE(this.limit) }]),
      });
      this.OPTION1(() => this.CONSUME(t.Close));
    });
  });

  private limit = this.RULE("limit", () => {
    this.AT_LEAST_ONE({
      DEF: () => this.OR([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Comma) }]),
    });
  });

  private syscallsClause = this.RULE("syscallsClause", () => {
    this.CONSUME(t.keywordToken("syscalls"));
    this.MANY({
      GATE: () => !this.atClause(),
      DEF: () => this.OR([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.SUBRULE(this.callList) }]),
    });
  });

  private callList = this.RULE("callList", () => {
    this.CONSUME(t.OpenList);
    this.OPTION({ GATE: () => this.staysInList(), DEF: () => this.SUBRULE(this.call) });
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.OPTION1({ GATE: () => this.staysInList(), DEF: () => this.SUBRULE1(this.call) });
    });
    this.OPTION2(() => this.CONSUME(t.CloseList));
  });

  /** A call may be called as a clause is (`read`), so only a clause on a line of its own ends an open list. */
  private staysInList(): boolean {
    if (!this.atClause() || this.onSameLine()) return true;
    const next = this.LA(2).tokenType;
    return next === t.Comma || next === t.CloseList || next === t.OpenArguments;
  }

  private call = this.RULE("call", () => {
    this.CONSUME(t.Word);
    this.MANY({ GATE: () => this.staysInList(), DEF: () => this.CONSUME1(t.Word) });
    this.OPTION(() => this.SUBRULE(this.arguments));
  });

  private arguments = this.RULE("arguments", () => {
    this.CONSUME(t.OpenArguments);
    this.OPTION(() => this.SUBRULE(this.condition));
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.OPTION1(() => this.SUBRULE1(this.condition));
    });
    this.OPTION2(() => this.CONSUME(t.CloseArguments));
  });

  /** `name = VALUE`, `name & MASK = VALUE`, `name in {A, B}`; other shapes are kept, for the message. */
  private condition = this.RULE("condition", () => {
    this.AT_LEAST_ONE(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Identifier) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME(t.In) },
        { ALT: () => this.CONSUME(t.Equals) },
        { ALT: () => this.CONSUME(t.And) },
        { ALT: () => this.CONSUME(t.ForeignOperator) },
        { ALT: () => this.SUBRULE(this.valueSet) },
        { ALT: () => this.SUBRULE(this.nestedArguments) },
      ]),
    );
  });

  private nestedArguments = this.RULE("nestedArguments", () => {
    this.CONSUME(t.NestedParenthesis);
    this.MANY(() =>
      this.OR([{ ALT: () => this.CONSUME(t.Comma) }, { ALT: () => this.SUBRULE(this.condition) }]),
    );
    this.OPTION(() => this.CONSUME(t.CloseArguments));
  });

  private valueSet = this.RULE("valueSet", () => {
    this.CONSUME(t.OpenSet);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Identifier) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME(t.ForeignOperator) },
        { ALT: () => this.CONSUME(t.Comma) },
      ]),
    );
    this.OPTION(() => this.CONSUME(t.CloseSet));
  });

  /** A clause that none is, skipped with its balanced block; last, because any word may begin it. */
  private unknownClause = this.RULE("unknownClause", () => {
    this.SUBRULE(this.anything);
    this.MANY({
      GATE: () => !this.atClause() && !isOneOf(this.LA(1), declarationTokens),
      DEF: () => this.SUBRULE1(this.anything),
    });
  });

  private anything = this.RULE("anything", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Word) },
      { ALT: () => this.CONSUME(t.Comma) },
      { ALT: () => this.CONSUME(t.CloseList) },
      { ALT: () => this.CONSUME(t.StrayParenthesis) },
      { ALT: () => this.CONSUME(t.CloseArguments) },
      { ALT: () => this.SUBRULE(this.arguments) },
      { ALT: () => this.SUBRULE(this.callList) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.CONSUME(t.CloseSet) },
      { ALT: () => this.CONSUME(t.Identifier) },
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.In) },
      { ALT: () => this.CONSUME(t.Equals) },
      { ALT: () => this.CONSUME(t.And) },
      { ALT: () => this.CONSUME(t.ForeignOperator) },
      { ALT: () => this.SUBRULE(this.valueSet) },
      { ALT: () => this.SUBRULE(this.nestedArguments) },
    ]);
  });
}
