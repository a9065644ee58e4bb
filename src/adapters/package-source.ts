/** A small app around this very package, as it is installed here: what a host builds and runs. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

export interface PackedSource {
  bytes: Uint8Array;
  /** Follows from the content, not from how it was compressed. */
  version: string;
  sha256: string;
}

/** The file that npm takes for `chartctl` inside the app. */
const packageTarball = (version: string): string => `chartctl-${version}.tgz`;

/**
 * `root` is the package's own folder. The package travels inside as the tarball that `npm pack` would make, so that
 * nothing has to be published; its few dependencies are pinned exactly by its own package.json.
 */
export async function packPlatform(root: string): Promise<PackedSource> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const inner = await packPackage(root);
  const app = await tarball(
    Object.entries({ ...appFiles(version), [packageTarball(version)]: inner.bytes }).map(([name, data]) => ({ name, data, mode: 0o644 })),
  );
  return {
    bytes: app.bytes,
    sha256: createHash("sha256").update(app.bytes).digest("hex"),
    version: `chartctl ${version} (${inner.digest.slice(0, 12)}${app.digest.slice(0, 4)})`,
  };
}

/** What `npm pack` would make of the package, whether it is installed or a checkout. */
export const packPackage = async (root: string): Promise<{ bytes: Uint8Array; digest: string }> =>
  await tarball(
    packageFiles(root).map((name) => ({ name: `package/${name}`, data: readFileSync(join(root, name)), mode: name.startsWith("bin/") ? 0o755 : 0o644 })),
  );

/** What the host runs. The programs are started without npx, which would stand between the host's signals and ours. */
const appFiles = (version: string): Record<string, string> => ({
  "package.json": `${JSON.stringify(
    {
      name: "chartctl-platform",
      private: true,
      engines: { node: "22.x" },
      dependencies: { chartctl: `file:${packageTarball(version)}` },
      // After the dependencies: the Terraform that is pinned, or the build fails.
      scripts: { "heroku-postbuild": "chartctl setup terraform --to bin" },
    },
    undefined,
    2,
  )}\n`,
  Procfile: "web: node_modules/.bin/chartctl serve\nworker: node_modules/.bin/chartctl worker\n",
});

/** As npm takes them: package.json, what its `files` name, and the README and licence. */
function packageFiles(root: string): string[] {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: string[] };
  return ["package.json", "README.md", "LICENSE", ...files]
    .filter((name) => existsSync(join(root, name)))
    .flatMap((name) => (statSync(join(root, name)).isDirectory() ? filesIn(root, name) : [name]))
    .sort();
}

const filesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? (entry.name === "node_modules" ? [] : filesIn(root, join(folder, entry.name))) : entry.isFile() ? [join(folder, entry.name)] : [],
  );

/** The same bytes of the same files, each time. */
async function tarball(files: { name: string; data: Uint8Array | string; mode: number }[]): Promise<{ bytes: Uint8Array; digest: string }> {
  const entries = files.map(({ name, data, mode }) => {
    const body = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    return { header: { name, mode, size: body.length, mtime: new Date(499_162_500_000), uid: 0, gid: 0 }, body };
  });
  const tar = await packTar(entries);
  return { bytes: gzipSync(tar, { level: 9 }), digest: createHash("sha256").update(tar).digest("hex") };
}
