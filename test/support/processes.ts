/** Processes that still run for a home: by their working folder, their arguments or their environment (Linux). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Running {
  pid: number;
  command: string;
}

/** Every process that belongs to this home, but for the emulator and its gateway, which are meant to stay. */
export function processesOf(home: string): Running[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim(), home: belongs(name, home) }))
    .filter(({ command, home: mine }) => mine && command !== "" && !command.includes("moto_server") && !command.includes("sandbox gateway"))
    .map(({ pid, command }) => ({ pid, command }));
}

const belongs = (pid: string, home: string): boolean =>
  [link(`/proc/${pid}/cwd`), read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)].some((text) => text.includes(home));

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // ended meanwhile, or not ours to read
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
