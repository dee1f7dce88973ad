"""A notes server that speaks MCP over standard input and output, with Python's standard library alone.

One JSON-RPC message a line, as the specification's stdio transport says. Two tools: one lists the notes in the directory
that the command line names, the other reads one.
"""

import json
import os
import sys

PROTOCOLS = ["2025-06-18", "2025-03-26", "2024-11-05"]

TOOLS = [
    {
        "name": "list_notes",
        "description": "List the names of all notes.",
        "inputSchema": {"type": "object", "properties": {}},
    },
    {
        "name": "read_note",
        "description": "Read one note.",
        "inputSchema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        },
    },
]


class InvalidParams(Exception):
    """What the client sent does not fit; JSON-RPC's -32602."""


def call_tool(notes, name, arguments):
    if name == "list_notes":
        return "\n".join(sorted(os.listdir(notes)))
    if name == "read_note":
        wanted = arguments.get("name")
        if not isinstance(wanted, str):
            raise InvalidParams("`name` must be a string")
        # On purpose without a check of `..`: keeping this program inside its notes is the sandbox's task.
        with open(os.path.join(notes, wanted), encoding="utf-8") as note:
            return note.read()
    raise InvalidParams(f"there is no tool `{name}`")


def run_tool(notes, params):
    """What a tool can't do is a result that says so, not an error of the protocol."""
    try:
        text, failed = call_tool(notes, params.get("name"), params.get("arguments") or {}), False
    except OSError as error:
        text, failed = str(error), True
    return {"content": [{"type": "text", "text": text}], "isError": failed}


def initialize(params):
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in PROTOCOLS else PROTOCOLS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "notes", "version": "1.0.0"},
    }


def answer(notes, message):
    """The answer to a message; None for notifications, which have none."""
    method, params = message.get("method"), message.get("params") or {}
    if "id" not in message:
        return None
    reply = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        if method == "initialize":
            return {**reply, "result": initialize(params)}
        if method == "ping":
            return {**reply, "result": {}}
        if method == "tools/list":
            return {**reply, "result": {"tools": TOOLS}}
        if method == "tools/call":
            return {**reply, "result": run_tool(notes, params)}
    except InvalidParams as error:
        return {**reply, "error": {"code": -32602, "message": str(error)}}
    return {**reply, "error": {"code": -32601, "message": f"there is no method `{method}`"}}


def main(notes):
    for line in sys.stdin:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict):
            reply = answer(notes, message)
        else:
            reply = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "no JSON-RPC message"}}
        if reply is not None:
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: server.py DIRECTORY")
    main(sys.argv[1])
