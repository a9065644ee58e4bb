/** What CloudFormation makes of the templates, as they are in the package. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const fileOf = (name: string): string => fileURLToPath(new URL(`../../../templates/cloudformation/${name}.yml`, import.meta.url));

/** `Ref` and `Fn::Sub` as CloudFormation fills them in. */
function filled(value: unknown, names: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((one) => filled(one, names));
  if (typeof value !== "object" || value === null) return value;
  const { Ref: ref, "Fn::Sub": text } = value as { Ref?: string; "Fn::Sub"?: string };
  if (ref !== undefined) return names[ref];
  if (text !== undefined) return text.replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => String(names[name])).replaceAll("$" + "{!", "$" + "{");
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, names)]));
}

export const accountId = "111122223333";
export const platform = "arn:aws:iam::999988887777:role/chartctl-broker";
export const regions = ["us-east-1", "us-west-2"];
export interface Made {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  Properties: any;
}
export const made = (file: string): Record<string, Made> => {
  const names = {
    "AWS::Partition": "aws",
    "AWS::AccountId": accountId,
    TenantId: "acme",
    ExternalIds: ["e1"],
    PlatformPrincipalArn: platform,
    AllowedRegions: regions,
    DataBucket: "chartctl-billing-111122223333",
    ResultsBucket: "chartctl-billing-results-111122223333",
    QueryLimitMegabytes: 1000,
  };
  return (filled(parse(readFileSync(fileOf(file), "utf8")), names) as { Resources: Record<string, Made> }).Resources;
};
