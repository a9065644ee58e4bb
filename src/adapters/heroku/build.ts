/** The code: uploaded, built by Heroku, released. No git, and nothing has to be published before. */
import { z } from "zod";
import type { Step } from "../../core/setup/steps.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Build } from "./answers.ts";
import { buildSchema, releaseSchema, sourceSchema } from "./answers.ts";
import type { KnownApp } from "./app.ts";
import type { HerokuClient } from "./client.ts";

/** A gzipped tarball; `version` follows from its content. */
export interface Source {
  bytes: Uint8Array;
  version: string;
  /** Of the tarball, in hex. */
  sha256: string;
}

export interface BuildOptions {
  source(): Promise<Source>;
  /** A line of the build's own output. */
  output(line: string): void;
  signal: AbortSignal;
}

const lookMilliseconds = 4_000;
const looks = 300;
const shownLines = 15;

export const buildStep = (client: HerokuClient, known: KnownApp, { source, output, signal }: BuildOptions): Step => ({
  name: "code",
  run: async ({ make, dryRun }) => {
    const path = `/apps/${known.name}/builds`;
    const { bytes, version, sha256 } = await source();
    /** The newest build, when it is of this very source. */
    const look = async (): Promise<Build | undefined> => {
      const builds = (await client.find(z.array(buildSchema), path)) ?? [];
      const [newest] = builds.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
      return newest?.source_blob.version === version && newest.status !== "failed" ? newest : undefined;
    };
    const there = await look();
    if (dryRun && there?.status === "pending") return { outcome: "waits", detail: `${version}: its build goes on` };
    if (there && (await released(client, known, there, { output, signal })) === "succeeded") return { outcome: "found", detail: version };
    const { source_blob } = await make({ operation: "POST /sources", body: null }, () => client.send(sourceSchema, "POST", "/sources"), {
      source_blob: { get_url: "https://(given by Heroku)", put_url: "https://(given by Heroku)" },
    });
    await make(
      { operation: `PUT ${dryRun ? source_blob.put_url : "the source"}`, body: { bytes: bytes.length } },
      () => client.upload(source_blob.put_url, bytes),
      undefined,
    );
    const body = { source_blob: { url: source_blob.get_url, version, checksum: `SHA256:${sha256}` } };
    const build = await make<typeof body, Build | undefined>(
      { operation: `POST ${path}`, body },
      async (sent) =>
        await client.send(buildSchema, "POST", path, sent).catch(async (error: unknown) => {
          const begun = isChartctlError(error) && error.code === "heroku.unanswered" ? await look() : undefined;
          if (begun) return begun;
          throw error;
        }),
      undefined,
    );
    if (build && (await released(client, known, build, { output, signal })) === "failed") throw releaseFailed(known);
    return { outcome: "made", detail: version };
  },
});

/** Errors: `heroku.build` (external), with the end of its output; `interrupted`. */
async function released(
  client: HerokuClient,
  known: KnownApp,
  first: Build,
  { output, signal }: Omit<BuildOptions, "source">,
): Promise<"succeeded" | "failed"> {
  const log: string[] = [];
  const reading = new AbortController();
  const following =
    first.status === "succeeded"
      ? Promise.resolve()
      : follow(client, first.output_stream_url, AbortSignal.any([reading.signal, signal]), (line) => {
          log.push(line);
          output(line);
        });
  let build = first;
  for (let looked = 0; (build.status === "pending" || (build.status === "succeeded" && !build.release)) && looked < looks; looked++) {
    await client.pause(lookMilliseconds, "the build goes on at Heroku");
    build = await client.get(buildSchema, `/apps/${known.name}/builds/${first.id}`);
  }
  if (build.status === "failed") await Promise.race([following, client.pause(lookMilliseconds)]);
  reading.abort();
  await following;
  if (build.status !== "succeeded" || !build.release)
    throw new ChartctlError({
      kind: "external",
      code: "heroku.build",
      message: `${build.status === "failed" ? "The build failed" : "The build did not end in 20 minutes"}${log.length > 0 ? `:\n${log.slice(-shownLines).join("\n")}\n` : ""}`,
      hint: "see all of its output with --verbose",
      details: { build: build.id, output: log.slice(-shownLines) },
    });
  const path = `/apps/${known.name}/releases/${build.release.id}`;
  let release = await client.get(releaseSchema, path);
  for (let looked = 0; release.status === "pending" && looked < looks; looked++) {
    await client.pause(lookMilliseconds, "the build goes on at Heroku");
    release = await client.get(releaseSchema, path);
  }
  return release.status === "succeeded" ? "succeeded" : "failed";
}

/** What it says is a help, and no more: the state of the build counts. */
async function follow(client: HerokuClient, url: string, signal: AbortSignal, tell: (line: string) => void): Promise<void> {
  try {
    for await (const line of client.lines(url, signal)) tell(line);
  } catch (error) {
    if (!isChartctlError(error)) throw error;
  }
}

const releaseFailed = ({ name }: KnownApp): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "heroku.release",
    message: "The build worked, and its release failed; the release before it goes on running",
    hint: `see why: heroku releases:output --app ${name}`,
  });
