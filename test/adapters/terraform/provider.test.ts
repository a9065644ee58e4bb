/** Which provider is taken, and which is refused: with the real Terraform. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findTerraform } from "../../../src/adapters/terraform/binary.ts";
import { findMirror, mirrorConfig } from "../../../src/adapters/terraform/mirror.ts";
import { installedProvider, startProvider } from "../../../src/adapters/terraform/provider.ts";
import { providerLock } from "../../../src/adapters/terraform/provider-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-provider-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const platform = `${process.platform === "win32" ? "windows" : process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
const environment = (mirror: string): NodeJS.ProcessEnv => {
  const config = join(folder, "cli.tfrc");
  writeFileSync(config, mirrorConfig(mirror));
  return { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: config };
};
const program = (path: string, says: string): string => {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${says}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe("the provider", () => {
  it("is the one that HashiCorp released: verified once, then known by its file", async () => {
    const binary = await findTerraform(process.env);
    const mirror = findMirror({ HOME: folder, ...(process.env.CHARTCTL_PLUGIN_MIRROR ? { CHARTCTL_PLUGIN_MIRROR: process.env.CHARTCTL_PLUGIN_MIRROR } : {}) });
    const env = mirror ? environment(mirror.path) : process.env;
    const paths = await Promise.all([installedProvider(binary, folder, env), installedProvider(binary, folder, env)]);
    expect(new Set(paths).size).toBe(1);
    expect(statSync(paths[0]).size).toBeGreaterThan(100_000_000);
    expect(await installedProvider({ ...binary, path: "no-terraform-is-asked" }, folder, env)).toBe(paths[0]);
  });

  it("is refused when it is another one under the same name", async () => {
    program(join(folder, "mirror/registry.terraform.io/hashicorp/aws/5.100.0", platform, "terraform-provider-aws_v5.100.0_x5"), "exit 0");
    const code = providerLock(`${process.platform}-${process.arch}`) ? "terraform.provider-changed" : undefined;
    const taken = installedProvider(await findTerraform(process.env), folder, environment(join(folder, "mirror")));
    // Where no checksum is known, Terraform's own word is all there is.
    if (code) await expect(taken).rejects.toMatchObject({ code, kind: "external" });
    else expect(await taken).toContain("terraform-provider-aws");
  });

  it("isn't to be had", async () => {
    mkdirSync(join(folder, "empty"));
    await expect(installedProvider(await findTerraform(process.env), folder, environment(join(folder, "empty")))).rejects.toMatchObject({
      code: "terraform.no-provider",
      hint: expect.stringContaining("CHARTCTL_PLUGIN_MIRROR"),
    });
  });

  it("is verified again when its file has changed", async () => {
    const path = program(join(folder, "provider"), "exit 0");
    const { size, mtimeMs, ino, dev } = statSync(path);
    const binary = { path: "no-such-terraform", product: "terraform", version: "1.11.4" } as const;
    mkdirSync(join(folder, "provider-terraform-5.100.0"));
    writeFileSync(join(folder, "provider-terraform-5.100.0", "verified.json"), JSON.stringify({ path, stamp: [size, mtimeMs, ino, dev].join("/") }));
    expect(await installedProvider(binary, folder, process.env)).toBe(path);
    utimesSync(path, 1, 1);
    await expect(installedProvider(binary, folder, process.env)).rejects.toMatchObject({ kind: "external" });
  });

  it("isn't shared when it doesn't come up", async () => {
    const options = { cwd: folder, env: process.env, product: "terraform" } as const;
    expect(await startProvider(program(join(folder, "ends"), "exit 1"), options)).toBeUndefined();
  });
});

describe("its checksum", () => {
  it("is known for Linux on x64, as Terraform writes it", () => {
    expect(providerLock("linux-x64")).toMatch(/^provider "registry\.terraform\.io\/hashicorp\/aws" \{\n {2}version {5}= "5\.100\.0"[\s\S]*h1:[\w+/]{43}="/);
    expect(providerLock("plan9-x64")).toBeUndefined();
  });
});

describe("the mirror", () => {
  it("is the named one, then the user's own settings, then a folder that holds the registry", () => {
    expect(findMirror({ CHARTCTL_PLUGIN_MIRROR: folder, HOME: folder })).toEqual({ path: folder, found: "CHARTCTL_PLUGIN_MIRROR" });
    expect(findMirror({ CHARTCTL_PLUGIN_MIRROR: "mirror", HOME: folder })?.path).toBe(join(process.cwd(), "mirror"));
    writeFileSync(join(folder, ".terraformrc"), "");
    expect(findMirror({ HOME: folder })).toBeUndefined();
    rmSync(join(folder, ".terraformrc"));
    expect(findMirror({ HOME: folder, TF_CLI_CONFIG_FILE: join(folder, "none") })).toEqual(findMirror({ HOME: folder }));
  });
});
