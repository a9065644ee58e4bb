import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TerraformPin } from "../../../src/adapters/terraform/install.ts";
import { installTerraform, platformName, terraformPin } from "../../../src/adapters/terraform/install.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-terraform-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = new TextEncoder().encode("#!/bin/sh\necho Terraform\n");
const archive = zipSync({ "LICENSE.txt": new Uint8Array(3), terraform: program });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pin: TerraformPin = { version: "1.2.3", archives: { linux_amd64: sha256(archive) }, programs: { linux_amd64: sha256(program) } };

/** A store of releases that gives these bytes, one answer after the other. */
function releases(...answers: (Uint8Array | number)[]) {
  const asked: string[] = [];
  const fetch = (async (url: string) => {
    const answer = answers[asked.push(String(url)) - 1] ?? 500;
    return typeof answer === "number" ? new Response("", { status: answer }) : new Response(new Uint8Array(answer));
  }) as typeof globalThis.fetch;
  return { asked, options: { folder, platform: "linux_amd64", fetch, releases: "https://releases.example.org", pin } };
}

describe("the pinned Terraform", () => {
  it("is put where it was asked for, runs, and is not taken again", async () => {
    const { asked, options } = releases(archive);
    expect(await installTerraform(options)).toEqual({ file: join(folder, "terraform"), version: "1.2.3", outcome: "made", calls: [] });
    expect(asked).toEqual(["https://releases.example.org/terraform/1.2.3/terraform_1.2.3_linux_amd64.zip"]);
    expect(readFileSync(join(folder, "terraform"))).toEqual(Buffer.from(program));
    expect(statSync(join(folder, "terraform")).mode & 0o777).toBe(0o755);
    expect(execaSync(join(folder, "terraform")).stdout).toBe("Terraform");
    expect(await installTerraform(options)).toMatchObject({ outcome: "found" });
    expect(asked).toHaveLength(1);
  });

  it("is told in a dry run, with its checksum, and not asked for", async () => {
    const { asked, options } = releases(archive);
    const { calls } = await installTerraform({ ...options, dryRun: true });
    expect(calls).toMatchObject([
      { operation: "GET https://releases.example.org/terraform/1.2.3/terraform_1.2.3_linux_amd64.zip", body: { sha256: sha256(archive) } },
      { operation: `write ${join(folder, "terraform")}` },
    ]);
    expect([asked, readdirSync(folder)]).toEqual([[], []]);
  });

  it("is refused with other bytes, and nothing is left", async () => {
    const changed = zipSync({ terraform: new TextEncoder().encode("#!/bin/sh\necho evil\n") });
    await expect(installTerraform(releases(changed).options)).rejects.toMatchObject({
      code: "terraform.checksum",
      details: { expected: sha256(archive), got: sha256(changed) },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is asked for again after a server's error, and not after a refusal", async () => {
    const { asked, options } = releases(503, archive);
    expect(await installTerraform(options)).toMatchObject({ outcome: "made", calls: [] });
    expect(asked).toHaveLength(2);
    const refusing = releases(404);
    await expect(installTerraform({ ...refusing.options, folder: join(folder, "other") })).rejects.toMatchObject({
      kind: "external",
      code: "terraform.download",
    });
    expect(refusing.asked).toHaveLength(1);
  });

  it("is none on other platforms", async () => {
    await expect(installTerraform({ ...releases(archive).options, platform: "win32_amd64" })).rejects.toMatchObject({
      kind: "usage",
      code: "terraform.platform",
    });
    expect(platformName({ platform: "linux", arch: "x64" })).toBe("linux_amd64");
    expect(platformName({ platform: "linux", arch: "arm64" })).toBe("linux_arm64");
  });

  const here = "/usr/local/bin/terraform";
  it.runIf(existsSync(here) && execaSync(here, ["version"]).stdout.includes(`v${terraformPin.version}`) && process.arch === "x64")(
    "is, byte for byte, the program that everything here is tested with",
    () => {
      expect(sha256(readFileSync(here))).toBe(terraformPin.programs.linux_amd64);
    },
  );
});
