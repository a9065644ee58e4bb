/** A browser for the tests of pages: Debian's, when there is none and it may be installed; otherwise the command that does it. */
import { spawnSync } from "node:child_process";

const has = (program) => spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;
const wanted = ["chromium", "chromium-browser", "google-chrome"];

if (!process.env.CHARTCTL_CHROMIUM && !wanted.some(has)) {
  const root = process.getuid?.() === 0;
  const may = has("apt-get") && (root || spawnSync("sudo", ["-n", "true"]).status === 0);
  const apt = (...args) =>
    spawnSync(root ? "apt-get" : "sudo", [...(root ? [] : ["apt-get"]), "-qq", ...args], { stdio: ["ignore", "ignore", "inherit"] }).status;
  if (may) {
    console.log("Installing chromium, for the tests of pages");
    apt("update");
    apt("install", "-y", "chromium");
  }
  // Not fatal: the other tests can still say what they found.
  if (!wanted.some(has))
    console.error("There is no browser for the tests of pages. Install one: apt-get install chromium (or name it: CHARTCTL_CHROMIUM=PATH)");
}
