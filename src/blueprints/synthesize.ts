/** From a blueprint, an identity and parameters to the files that Terraform runs: in memory, the same bytes each time. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack } from "cdktf";
import { RootConstruct } from "constructs";
import { projectTags } from "../core/names.ts";
import type { DeclaredResource, Synthesize } from "../core/ports.ts";
import { placeholderArchive } from "./placeholder/archive.ts";
import { awsProviderVersion } from "./provider-version.ts";
import { placeholderFile, serverlessWeb } from "./serverless-web.ts";

const builders = { "serverless-web": serverlessWeb } as const;

/** `emulated`: for an emulator on plain HTTP, with buckets as a path of its one address. */
export const createSynthesize =
  (options: { emulated: boolean }): Synthesize =>
  (blueprint, identity, parameters) => {
    const stack = new TerraformStack(new RootConstruct(), "project");
    new AwsProvider(stack, "aws", {
      region: identity.region,
      allowedAccountIds: [identity.accountId],
      defaultTags: [{ tags: projectTags(identity) }],
      ...(options.emulated ? { s3UsePathStyle: true } : {}),
    });
    // CDKTF's own default, "aws", means another provider to OpenTofu.
    stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: awsProviderVersion });
    builders[blueprint](stack, identity, parameters, options);
    const document = withoutMetadata(stack.toTerraform()) as TerraformDocument;
    return {
      files: { "main.tf.json": `${JSON.stringify(document, undefined, 2)}\n`, [placeholderFile]: placeholderArchive() },
      resources: declaredResources(document),
    };
  };

interface TerraformDocument {
  resource: Record<string, Record<string, Record<string, unknown>>>;
}

const declaredResources = (document: TerraformDocument): DeclaredResource[] =>
  Object.entries(document.resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, attributes]) => ({ address: `${type}.${name}`, type, attributes })),
  );

/** CDKTF's `"//"` comments: construct paths and its own version, which would differ from one release to the next. */
function withoutMetadata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMetadata);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, inner]) => [key, withoutMetadata(inner)]),
  );
}
