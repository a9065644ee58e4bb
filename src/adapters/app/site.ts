/** The static files of an application: found, checked, hashed, and compressed where it helps. */
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { mimes } from "mrmime";
import type { ManifestFile } from "../../contract/app-manifest.ts";
import { objectPrefixes } from "../../contract/app-manifest.ts";
import type { AppObject } from "../../core/app-ports.ts";
import { ChartctlError } from "../../errors.ts";
import { refused, shown } from "./refused.ts";
import { secretIn } from "./secrets.ts";

export interface SiteFile {
  /** Relative to the site folder, NFC, with slashes. */
  path: string;
  manifest: ManifestFile;
  object: AppObject;
}

/** Generous for a small application, and far from what Lambda and this process could hold. */
const limits = { files: 50_000, fileBytes: 50_000_000, totalBytes: 1_000_000_000, pathBytes: 900 };

/** What editors and systems leave behind. */
const litter = new Set([".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".gitignore", ".gitkeep"]);

/** Errors: `app.symlink`, `app.name`, `app.too-large`, `app.too-many`, `app.secret` (usage). `compress: false` for previews. */
export function siteFiles(folder: string, options: { allow: string[]; site: string; compress: boolean }): SiteFile[] {
  const paths = walk(folder, "");
  if (paths.length > limits.files)
    throw refused("too-many", `The site has ${paths.length} files; ${limits.files} is the limit`, "leave out what no page needs");
  const seen = new Map<string, string>();
  let total = 0;
  return paths.map((raw) => {
    const path = checkedName(raw, seen);
    const content = readFileSync(join(folder, raw));
    total += content.byteLength;
    if (content.byteLength > limits.fileBytes)
      throw refused(
        "too-large",
        `${shown(path)} has ${megabytes(content.byteLength)}; ${megabytes(limits.fileBytes)} is the limit for a file`,
        "make it smaller, or serve it from elsewhere",
      );
    if (total > limits.totalBytes) throw refused("too-large", `The site has more than ${megabytes(limits.totalBytes)}`, "leave out what no page needs");
    refuseSecret(`${options.site}/${path}`, content, options.allow);
    return fileOf(folder, raw, path, content, options.compress);
  });
}

/** Error `app.secret` (usage). */
export function refuseSecret(path: string, content: Uint8Array, allow: string[]): void {
  if (allow.includes(path)) return;
  const found = secretIn(path, content);
  if (!found) return;
  throw refused(
    "secret",
    `${shown(path)} looks like ${found}, which everybody could read`,
    `remove it; if it is meant to be there: "app": { "allow": [${JSON.stringify(shown(path))}] } in chartctl.json`,
    { file: path },
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Every file below, sorted; nothing that a link leads to. */
function walk(folder: string, below: string): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry: Dirent) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (litter.has(entry.name)) return [];
    if (entry.isSymbolicLink())
      throw refused("symlink", `${shown(path)} is a symbolic link; links are not followed`, "put the file itself there", { file: path });
    if (entry.isDirectory()) return walk(folder, path);
    if (!entry.isFile()) throw refused("name", `${shown(path)} is no regular file`, "remove it", { file: path });
    return [path];
  });
}

/** A name that is the same on every system and in a URL. */
function checkedName(raw: string, seen: Map<string, string>): string {
  const path = raw.normalize("NFC");
  const wrong = (why: string, hint: string) => refused("name", `${shown(path)}: ${why}`, hint, { file: path });
  if (path.includes("�")) throw wrong("its name is not UTF-8", "rename it");
  if (/[\p{Cc}\\]/u.test(path)) throw wrong("its name has a control character or a backslash", "rename it");
  if (Buffer.byteLength(path) > limits.pathBytes) throw wrong(`its path is longer than ${limits.pathBytes} bytes`, "shorten its name, or its folders'");
  const other = seen.get(path);
  if (other !== undefined) throw wrong("another file has the same name, written with other characters", "rename one of the two");
  seen.set(path, raw);
  return path;
}

function fileOf(folder: string, raw: string, path: string, content: Uint8Array, compress: boolean): SiteFile {
  const hash = sha256(content);
  const type = typeOf(path);
  // Decided by name and length, not by trying: what is uploaded already isn't compressed again to be compared.
  const gzip = compress && content.byteLength >= worthCompressing && compressible.test(type);
  const cache = cacheOf(path);
  const extension = /^\.[a-z0-9]{1,8}$/.test(extname(path)) ? extname(path) : "";
  const manifest = { key: `${objectPrefixes.site}${hash}${extension}`, type, cache, hash, size: content.byteLength, gzip };
  const read = async (): Promise<Uint8Array> => {
    const now = readFileSync(join(folder, raw));
    if (sha256(now) !== hash) throw changed(path);
    return gzip ? gzipped(now) : now;
  };
  return { path, manifest, object: { key: manifest.key, type, cache, gzip, size: manifest.size, read } };
}

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const gzipped = (content: Uint8Array): Uint8Array => gzipSync(content, { level: 9 });

/** Below it, a packet carries the plain text as well. */
const worthCompressing = 1_000;

/** Text of any kind; pictures and fonts are compressed already. */
const compressible = /^(text\/|application\/(javascript|json|xml|wasm|manifest\+json|[\w.+-]+\+(json|xml))|image\/svg\+xml|font\/(ttf|otf))/;

export function typeOf(path: string): string {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  // Its own names alone: a file may be called `constructor`.
  const type = (Object.hasOwn(mimes, extension) && mimes[extension]) || "application/octet-stream";
  return /^(text\/|application\/(javascript|json|manifest\+json)$|image\/svg\+xml$)/.test(type) ? `${type}; charset=utf-8` : type;
}

/** A content hash in the name, as bundlers write it: 8 characters and more, with a digit in them. */
const hashedName = /[.-](?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{8,}\.(?:js|mjs|css|woff2?|png|jpe?g|webp|avif|svg|gif|ico|json|map|wasm)$/;

/** What changes its name with its content is kept for a year; everything else is asked for again, and mostly answered "unchanged". */
const cacheOf = (path: string): string => (hashedName.test(path) ? "public, max-age=31536000, immutable" : "public, max-age=0, must-revalidate");

/** What a browser asks for by name, and what leads to everything else. */
export const isEntry = (path: string): boolean => /\.html?$/.test(path);

const changed = (path: string): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "app.changed",
    message: `${shown(path)} changed while it was being deployed`,
    hint: "deploy again when nobody writes to the folder",
  });
