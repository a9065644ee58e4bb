/** The Terraform that a host gets: one version, whose archive must have the very bytes that are pinned here. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { ShownCall } from "../../core/setup/steps.ts";
import { ChartctlError, messageOf } from "../../errors.ts";
import { makeFolder } from "../../private-folder.ts";

export interface TerraformPin {
  version: string;
  /** By platform: SHA-256 of the archive, as in HashiCorp's SHA256SUMS of this version. */
  archives: Record<string, string>;
  /** By platform: SHA-256 of the program in it. */
  programs: Record<string, string>;
}

/** The version that everything here is tested with. */
export const terraformPin: TerraformPin = {
  version: "1.11.4",
  archives: {
    linux_amd64: "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    linux_arm64: "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
  },
  programs: { linux_amd64: "268000fca5c61021c6396893d9483007ba589ad9d0aaccbd7dfa8c78bf7dbe23" },
};

export interface InstallOptions {
  folder: string;
  platform: string;
  fetch: typeof fetch;
  /** `https://releases.hashicorp.com`, or a mirror of it: the bytes are pinned either way. */
  releases: string;
  pin?: TerraformPin;
  /** Tells what it would do. */
  dryRun?: boolean;
}

export const hashicorpReleases = "https://releases.hashicorp.com";

/** `linux_amd64`, as HashiCorp names it. */
export const platformName = ({ platform, arch }: { platform: string; arch: string }): string => `${platform}_${arch === "x64" ? "amd64" : arch}`;

/** Errors: `terraform.platform` (usage), `terraform.download`, `terraform.checksum` (external). Nothing is there unless its bytes are right. */
export async function installTerraform({
  folder,
  platform,
  fetch,
  releases,
  dryRun = false,
  pin = terraformPin,
}: InstallOptions): Promise<{ file: string; version: string; outcome: "found" | "made"; calls: ShownCall[] }> {
  const expected = pin.archives[platform];
  if (!expected)
    throw new ChartctlError({
      kind: "usage",
      code: "terraform.platform",
      message: `No Terraform is pinned for ${platform}`,
      hint: `for hosts there is: ${Object.keys(pin.archives).join(", ")}; elsewhere install it yourself: https://developer.hashicorp.com/terraform/install`,
    });
  const file = join(folder, "terraform");
  const known = pin.programs[platform];
  if (known && sha256Of(file) === known) return { file, version: pin.version, outcome: "found", calls: [] };
  const url = `${releases}/terraform/${pin.version}/terraform_${pin.version}_${platform}.zip`;
  const calls = [
    { operation: `GET ${url}`, body: { sha256: expected } },
    { operation: `write ${file}`, body: { mode: "0755" } },
  ].map((call) => ({ step: "terraform", ...call }));
  if (dryRun) return { file, version: pin.version, outcome: "made", calls };
  const archive = await download(fetch, url);
  const got = createHash("sha256").update(archive).digest("hex");
  if (got !== expected)
    throw new ChartctlError({
      kind: "external",
      code: "terraform.checksum",
      message: `${url} is not what is pinned: its SHA-256 is ${got}, and not ${expected}`,
      hint: "don't use it; something between here and HashiCorp changed it",
      details: { url, expected, got },
    });
  const { terraform } = unzipSync(archive, { filter: ({ name }) => name === "terraform" });
  if (!terraform) throw broken(url, "there is no terraform in it");
  makeFolder(folder);
  const draft = join(folder, `.terraform-${randomBytes(4).toString("hex")}`);
  try {
    writeFileSync(draft, terraform, { flag: "wx" });
    chmodSync(draft, 0o755);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return { file, version: pin.version, outcome: "made", calls: [] };
}

function sha256Of(file: string): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return undefined; // not there
  }
}

const downloadMilliseconds = 120_000;
const tries = 3;

async function download(get: typeof fetch, url: string): Promise<Uint8Array> {
  for (let tried = 1; ; tried++) {
    try {
      const response = await get(url, { signal: AbortSignal.timeout(downloadMilliseconds) });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      if (response.status < 500 || tried === tries) throw broken(url, `it answers ${response.status}`);
    } catch (error) {
      if (error instanceof ChartctlError || tried === tries) throw error instanceof ChartctlError ? error : broken(url, messageOf(error), error);
    }
  }
}

const broken = (url: string, why: string, cause?: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "terraform.download",
    message: `Terraform can't be taken from ${url}: ${why}`,
    hint: "try again; a mirror can be named with --releases URL",
    cause,
  });
