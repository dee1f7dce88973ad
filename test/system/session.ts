import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** What the official client sees of a server. */
export interface Session {
  readonly client: Client;
  /** Calls a tool and gives the text of its answer. */
  readonly call: (name: string, parameters: Record<string, unknown>) => Promise<string>;
}

/** Starts a server by a command line, drives it with the official MCP client, and ends it. */
export async function withSession<T>(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const [command = "", ...args] = argv;
  const env = Object.fromEntries(
    Object.entries(options.env ?? process.env).filter((e): e is [string, string] => e[1] !== undefined),
  );
  const transport = new StdioClientTransport({
    command,
    args,
    env,
    stderr: "pipe",
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let errors = "";
  transport.stderr?.on("data", (data: Buffer) => {
    errors += data.toString();
  });
  const client = new Client({ name: "mcpc-system-test", version: "1.0.0" });
  try {
    await client.connect(transport, { timeout: 30_000 });
  } catch (error) {
    throw new Error(`the server did not start: ${error instanceof Error ? error.message : error}\n${errors}`);
  }
  const call = async (name: string, parameters: Record<string, unknown>): Promise<string> => {
    const result = await client.callTool({ name, arguments: parameters }, { timeout: 12_000 });
    const content = result.content as readonly { type: string; text?: string }[];
    return content.map((part) => part.text ?? "").join("\n");
  };
  try {
    return await use({ client, call });
  } finally {
    await client.close();
  }
}
