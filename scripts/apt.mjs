/** Installs a package of Debian's where that may be done without a question; false where it may not. */
import { spawnSync } from "node:child_process";

export const has = (program) => spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;

export function aptInstall(name, why) {
  const root = process.getuid?.() === 0;
  if (!has("apt-get") || !(root || spawnSync("sudo", ["-n", "true"]).status === 0)) return false;
  const apt = (...args) =>
    spawnSync(root ? "apt-get" : "sudo", [...(root ? [] : ["apt-get"]), "-qq", ...args], { stdio: ["ignore", "ignore", "inherit"] }).status;
  console.log(`Installing ${name}, ${why}`);
  apt("update");
  return apt("install", "-y", name) === 0;
}
