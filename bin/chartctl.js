#!/usr/bin/env node
// The launcher: answers --version without loading anything, and says so when Node is too old.
import { readFileSync } from "node:fs";
import module from "node:module";

const [major, minor] = process.versions.node.split(".").map(Number);
const [first] = process.argv.slice(2);
if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(`chartctl needs Node 20.12 or newer; this is ${process.versions.node}\nhelp: https://nodejs.org/en/download\n`);
  process.exitCode = 1;
} else if (process.argv.length === 3 && (first === "--version" || first === "-V")) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${version}\n`);
} else {
  module.enableCompileCache?.();
  const { main } = await import("../dist/main.js");
  await main();
}
