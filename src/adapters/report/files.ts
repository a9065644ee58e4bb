/** Where a report goes: files that are whole or not there, or stdout. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  createWriteStream,
  existsSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { reportFormats as formats } from "../../contract/report-endpoints.ts";
import { ChartctlError, messageOf } from "../../errors.ts";
import { makeFolder } from "../../private-folder.ts";

export type Chunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * A folder (which may be new) takes files by their names; anything else is the one file's own: a device would be replaced by it.
 * Each place is tried, and left as it was, and no two are the same. Errors: `report.output` (usage), `report.exists` (conflict), `report.unwritable` (failed).
 */
export function placesFor(output: string | undefined, names: readonly string[], { force }: { force: boolean }): string[] {
  const isFolder = output === undefined || output.endsWith("/") || output.endsWith(sep) || (existsSync(output) && statSync(output).isDirectory());
  if (!isFolder && names.length > 1 && existsSync(output)) throw noFolder(output);
  if (!isFolder) refuseOddName(output, names);
  const places = isFolder || names.length > 1 ? names.map((name) => join(output ?? "", name)) : [output];
  const odd = places.find((place) => existsSync(place) && !statSync(place).isFile());
  if (odd !== undefined) throw noFile(odd);
  const twice = places.find((place, at) => places.indexOf(place) !== at);
  if (twice !== undefined) throw writtenTwice(twice);
  const taken = force ? undefined : places.find(isThere);
  if (taken !== undefined) throw exists(taken);
  for (const place of places) tryPlace(place);
  return places;
}

/** Also a link to nothing. */
function isThere(place: string): boolean {
  try {
    lstatSync(place);
    return true;
  } catch {
    return false; // writing there says why
  }
}

/** Whoever writes there later finds out too late: the bill is paid then. */
function tryPlace(file: string): void {
  const missing: string[] = [];
  try {
    const draft = draftOf(throughLinks(file));
    for (let folder = dirname(draft); !existsSync(folder); folder = dirname(folder)) missing.push(folder);
    makeFolder(dirname(draft));
    closeSync(openSync(draft, "wx"));
    rmSync(draft);
  } catch (error) {
    throw unwritable(file, error as Error);
  } finally {
    for (const folder of missing) removeEmpty(folder);
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was never made, or another process uses it by now.
  }
}

const draftOf = (file: string): string => `${file}.${randomBytes(6).toString("hex")}.part`;

/** Where a link leads to, which may be nothing yet: a rename would put the file in the link's own place. */
function throughLinks(file: string): string {
  let at = resolve(file);
  for (let links = 0; isThere(at) && lstatSync(at).isSymbolicLink(); links++) {
    if (links > mostLinks) throw new Error("its links go in a circle");
    at = resolve(realpathSync(dirname(at)), readlinkSync(at));
  }
  return at;
}
/** As Linux has it. */
const mostLinks = 40;

/** What is called like one format holds no other, and what is called like one file doesn't hold several. */
function refuseOddName(output: string, names: readonly string[]): void {
  const extension = extname(output).toLowerCase();
  const wanted = names.map((name) => extname(name));
  const [first = ""] = wanted;
  const known = formats.some((format) => `.${format}` === extension);
  if (names.length > 1 && extension !== "") throw oneName(output, wanted);
  if (known && extension !== first) throw otherFormat(output, first);
}

/** Bytes. Stopped or failed, it leaves nothing behind, and what was there stays. Errors: `report.exists` (conflict), `report.unwritable` (failed), `interrupted`. */
export async function writeWhole(file: string, chunks: Chunks, { force, interrupted }: { force: boolean; interrupted: AbortSignal }): Promise<number> {
  let draft: string | undefined;
  try {
    const target = force ? throughLinks(file) : file;
    makeFolder(dirname(resolve(target)));
    draft = draftOf(target);
    const stream = createWriteStream(draft, { flags: "wx", flush: true });
    await pipeline(Readable.from(chunks), stream, { signal: interrupted });
    if (force) renameSync(draft, target);
    else putWhereNothingIs(draft, target);
    removeLostDrafts(target);
    return stream.bytesWritten;
  } catch (error) {
    if (interrupted.aborted) throw stopped();
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw exists(file);
    throw error instanceof Error && "syscall" in error ? unwritable(file, error) : error;
  } finally {
    if (draft !== undefined) rmSync(draft, { force: true });
  }
}

/** Of runs that were killed: drafts that nobody has written to for a day. The file itself stands, whatever fails here. */
function removeLostDrafts(file: string): void {
  const folder = dirname(resolve(file));
  const isDraft = (name: string): boolean => name.startsWith(basename(file)) && /^\.[0-9a-f]{12}\.part$/.test(name.slice(basename(file).length));
  try {
    for (const draft of readdirSync(folder).filter(isDraft)) {
      if (Date.now() - statSync(join(folder, draft)).mtimeMs > lostAfterMilliseconds) rmSync(join(folder, draft));
    }
  } catch {
    // A folder that can't be listed, or another process that was first.
  }
}

const lostAfterMilliseconds = 86_400_000;

/** A link, unlike a rename, is refused where somebody has been first. */
function putWhereNothingIs(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!/^(EPERM|ENOTSUP|ENOSYS|EOPNOTSUPP|EMLINK)$/.test(code)) throw error;
    if (existsSync(file)) throw exists(file); // a file system without links
    renameSync(draft, file);
  }
}

/** A reader that has had enough is no failure; of a full disk, `main` tells. Error `interrupted`. */
export async function printWhole(chunks: Chunks, { interrupted }: { interrupted: AbortSignal }): Promise<void> {
  let lost: Error | undefined;
  const onLost = (error: Error): void => {
    lost = error;
  };
  process.stdout.on("error", onLost);
  try {
    await pipeline(Readable.from(chunks), process.stdout, { signal: interrupted, end: false });
  } catch (error) {
    if (interrupted.aborted) throw stopped();
    if (error !== lost) throw error;
  } finally {
    process.stdout.off("error", onLost);
  }
}

const exists = (file: string): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "report.exists",
    message: `${file} is there already, and stays as it is`,
    hint: "name another --output, or write over it: --force",
  });

const writtenTwice = (file: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "report.output",
    message: `${file} would be written twice: two of these have that name`,
    hint: "one at a time, each with a place of its own: chartctl costs report --fetch ID --output DIR/",
  });

const noFile = (output: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "report.output",
    message: `${output} is no file, and stays what it is`,
    hint: "write to stdout instead: chartctl costs report --format csv --output -",
  });

const oneName = (output: string, extensions: readonly string[]): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "report.output",
    message: `${output} is the name of one file, and these are ${extensions.length}: ${extensions.map((of) => of.slice(1)).join(", ")}`,
    hint: `one format: chartctl costs report --format ${formatOf(output) ?? "csv"} --output ${output}, or a folder for all: --output ${output}/`,
  });

const otherFormat = (output: string, extension: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "report.output",
    message: `${output} is no name for ${extension.slice(1)}: what opens it would take it for something else`,
    hint: `such as: chartctl costs report --format ${extension.slice(1)} --output ${basename(output, extname(output))}${extension}`,
  });

const formatOf = (output: string) => formats.find((format) => output.toLowerCase().endsWith(`.${format}`));

const noFolder = (output: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "report.output",
    message: `${output} is a file, and several formats need a folder`,
    hint: "name a folder, or one format: chartctl costs report --format xlsx --output FILE",
  });

const unwritable = (file: string, error: Error): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "report.unwritable",
    message: `${file} can't be written: ${messageOf(error)}`,
    hint: "free some space, or name a folder that can be written to: chartctl costs report --output DIR",
    cause: error,
  });

const stopped = (): ChartctlError =>
  new ChartctlError({ kind: "interrupted", code: "interrupted", message: "The report was not finished", hint: "run it again: chartctl costs report" });
