/** Processes of this machine, told apart by process id and start time: ids are used again. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Processes } from "../core/ports.ts";

/** Undefined when no such process runs. Linux: clock ticks since boot (proc(5), field 22); elsewhere: ps's own words. */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name may hold spaces
      return fields[0] === "Z" ? undefined : `${bootId()}-${fields[19]}`; // a zombie has ended
    } catch {
      return undefined;
    }
  }
  try {
    // In one language and time zone: the next chartctl compares the words.
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export const isRunning = (process: { pid: number; startedAt: string }): boolean => startTimeOf(process.pid) === process.startedAt;

/** Processes of this group whose command line fits; none where they can't be read. The leader itself may be gone. */
export function groupMembers(group: number, command: RegExp): number[] {
  const members = process.platform === "linux" ? linuxProcesses() : otherProcesses();
  return members.filter((member) => member.group === group && command.test(member.command)).map(({ pid }) => pid);
}

interface Member {
  pid: number;
  group: number;
  command: string;
}

const linuxProcesses = (): Member[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      const stat = read(`/proc/${name}/stat`);
      const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
      return { pid: Number(name), group, command: read(`/proc/${name}/cmdline`) };
    });

function otherProcesses(): Member[] {
  try {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,pgid=,command="], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n");
    return lines.flatMap((line) => {
      const [, pid, group, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), group: Number(group), command }];
    });
  } catch {
    return [];
  }
}

/** A start time is counted from a boot: after another one, no process is the same. */
const bootId = (): string => read("/proc/sys/kernel/random/boot_id").slice(0, 8);

/** Names the machine and, in containers, the process-id namespace: only within them do process ids mean the same. */
function machineId(): string {
  const facts = [hostname(), read("/etc/machine-id"), link("/proc/self/ns/pid")];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

export function localProcesses(): Processes {
  const machine = machineId();
  return {
    self: () => ({ machine, pid: process.pid, startedAt: startTimeOf(process.pid) ?? "unknown" }),
    look: (holder) => (holder.machine !== machine ? "elsewhere" : isRunning(holder) ? "running" : "gone"),
  };
}
