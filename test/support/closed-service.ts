/** A service of compose that gives nothing, key by key as YAML; its filter is the file `closed.json`. */
export const closedService: Readonly<Record<string, string>> = {
  user: '"1000:1000"',
  read_only: "true",
  network_mode: "none",
  ipc: "none",
  cap_drop: "[ALL]",
  security_opt: '["no-new-privileges:true", "seccomp:closed.json"]',
  tmpfs: '["/dev/mqueue:ro"]',
  mem_limit: "64m",
  memswap_limit: "64m",
  pids_limit: "16",
};
