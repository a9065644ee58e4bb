/** What the two templates for a tenant's account share: parameters, tags, and policies whose names CloudFormation fills in. */

export const parameters = {
  TenantId: {
    Type: "String",
    AllowedPattern: "[a-z][a-z0-9]*(-[a-z0-9]+)*",
    MaxLength: 24,
    Description: "The tenant's id on the platform",
  },
  ExternalIds: {
    Type: "CommaDelimitedList",
    AllowedPattern: "[0-9a-f]{32}",
    NoEcho: true,
    Description: "The external ID that the platform has shown; two of them while one takes the other's place",
  },
  PlatformPrincipalArn: {
    Type: "String",
    // Never a whole account: whoever is in it would be the platform.
    AllowedPattern: "arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+",
    Description: "The one role or user that the platform works as",
  },
} as const;

export const tags = [
  { Key: "ManagedBy", Value: "chart-app-platform" },
  { Key: "TenantId", Value: { Ref: "TenantId" } },
];

/** As an ARN or a policy names them, and as CloudFormation fills them in. */
export const filledIn = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
  partition: "${AWS::Partition}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
  accountId: "${AWS::AccountId}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
  tenantId: "${TenantId}",
} as const;

/** The same data with `Fn::Sub` wherever CloudFormation fills something in; what IAM or Athena fill in stays theirs. */
export function substituted(value: unknown): unknown {
  if (typeof value === "string") return substitutedText(value);
  if (Array.isArray(value)) return value.map(substituted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substituted(one)]));
}

const ours = /\$\{(AWS::[A-Za-z]+|TenantId|PlatformPrincipalArn)\}/;

function substitutedText(text: string): unknown {
  const [whole, name] = ours.exec(text) ?? [];
  if (whole === undefined) return text;
  if (whole === text) return { Ref: name };
  return { "Fn::Sub": text.replaceAll(/\$\{(?!(?:AWS::[A-Za-z]+|TenantId|PlatformPrincipalArn)\})/g, "$" + "{!") };
}
