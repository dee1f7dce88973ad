/** The process: streams, exit code, and what happens when this program itself is wrong. */
import { writeSync } from "node:fs";
import { main } from "./main.ts";

function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
    }
  }
}

const color = process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";

main(process.argv.slice(2), {
  out: (text) => write(1, text),
  err: (text) => write(2, text),
  interactive: process.stderr.isTTY === true,
  color,
}).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    write(
      2,
      `mcpc: a bug in mcpc itself; nothing was written. Please report it:\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 70;
  },
);
