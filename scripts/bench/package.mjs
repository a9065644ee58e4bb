/** What a user downloads and keeps: the tarball, and the installed tree; against the tools that users know. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { row, seconds } from "./measure.mjs";

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

const treeSize = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);

function install(name) {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-install-"));
  writeFileSync(join(folder, "package.json"), "{}");
  const taken = seconds("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", name], { cwd: folder });
  const size = treeSize(join(folder, "node_modules"));
  rmSync(folder, { recursive: true, force: true });
  return { taken, size };
}

export function packaged(root, peers) {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-pack-"));
  try {
    const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, encoding: "utf8" }));
    const tarball = join(folder, packed.filename);
    install(tarball);
    const ours = install(tarball);
    const rows = [
      row("npm pack", megabytes(packed.size), "limit: 3 MB", packed.size / 3e6, 1),
      row("installed, all dependencies", megabytes(ours.size), "limit: 40 MB", ours.size / 40e6, 1),
    ];
    const theirTimes = [];
    for (const peer of peers) {
      install(peer);
      const theirs = install(peer);
      theirTimes.push(theirs.taken);
      rows.push(
        row(
          `npm install, against ${peer}`,
          `${ours.taken.toFixed(1)} s`,
          `${theirs.taken.toFixed(1)} s (${megabytes(theirs.size)})`,
          ours.taken / theirs.taken,
          0.1,
        ),
      );
    }
    const mean = theirTimes.reduce((sum, taken) => sum + taken, 0) / theirTimes.length;
    rows.push(row("npm install, against the mean of the three", `${ours.taken.toFixed(1)} s`, `${mean.toFixed(1)} s`, ours.taken / mean, 0.1));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
