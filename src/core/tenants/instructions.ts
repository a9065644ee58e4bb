/** How a person brings the template into the tenant's account: a link, a command, or the console in plain words. */
import { shellWord } from "../typed-command.ts";
import { tenantRoleName } from "./tenant-role.ts";

export interface StackInstructions {
  stackName: string;
  parameters: Record<string, string>;
  /** Opens the console with everything filled in; only of a template at an S3 URL. */
  quickCreateUrl: string | null;
  command: string;
  console: string[];
}

interface StackAsked {
  tenantId: string;
  /** The newest first. */
  externalIds: string[];
  principalArn: string;
  regions: readonly string[];
  /** A file on this machine. */
  template: string;
  templateUrl?: string | undefined;
  /** The stack is there, and changes. */
  update?: boolean;
}

/** IAM is the same everywhere; a stack has to be somewhere. */
const stackRegion = "us-east-1";

export function stackInstructions({ regions, ...asked }: StackAsked): StackInstructions {
  const parameters = { ...sharedParameters(asked), AllowedRegions: regions.join(",") };
  return instructions({ ...asked, stackName: tenantRoleName(asked.tenantId), parameters, output: "RoleArn is the role" });
}

/** Of the second stack, which tells what the account was billed. Data Exports are made in the same region. */
export const billingInstructions = (asked: Omit<StackAsked, "regions">): StackInstructions =>
  instructions({ ...asked, stackName: `chartctl-billing-${asked.tenantId}`, parameters: sharedParameters(asked), output: "TableName is the report" });

const sharedParameters = ({ tenantId, externalIds, principalArn }: Omit<StackAsked, "regions">): Record<string, string> => ({
  TenantId: tenantId,
  ExternalIds: externalIds.join(","),
  PlatformPrincipalArn: principalArn,
});

interface Told extends Pick<StackAsked, "tenantId" | "template" | "templateUrl" | "update"> {
  stackName: string;
  parameters: Record<string, string>;
  output: string;
}

function instructions({ tenantId, stackName, parameters, output, template, templateUrl, update = false }: Told): StackInstructions {
  return {
    stackName,
    parameters,
    quickCreateUrl: templateUrl === undefined ? null : quickCreateUrl(templateUrl, stackName, parameters),
    command: [
      "aws cloudformation deploy",
      `--region ${stackRegion} --stack-name ${stackName} --capabilities CAPABILITY_NAMED_IAM`,
      `--template-file ${shellWord(template)}`,
      `--parameter-overrides ${Object.entries(parameters)
        .map(([name, value]) => shellWord(`${name}=${value}`))
        .join(" ")}`,
      `--tags ManagedBy=chart-app-platform TenantId=${tenantId}`,
    ].join(" \\\n  "),
    console: [
      `Sign in to the tenant's AWS account, and open CloudFormation in ${stackRegion}.`,
      update
        ? `Choose the stack ${stackName}, Update, and upload ${template}.`
        : `Choose Create stack, With new resources; upload ${template}; name it ${stackName}.`,
      `Its parameters: ${Object.entries(parameters)
        .map(([name, value]) => `${name} = ${value}`)
        .join("; ")}.`,
      `Agree that IAM resources with custom names are made, and ${update ? "submit" : `create it; its output ${output}`}.`,
    ],
  };
}

/** CloudFormation user guide, "Create quick-create links for stacks". */
function quickCreateUrl(templateUrl: string, stackName: string, parameters: Record<string, string>): string {
  const asked = [["templateURL", templateUrl], ["stackName", stackName], ...Object.entries(parameters).map(([name, value]) => [`param_${name}`, value])];
  const query = asked.map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `https://${stackRegion}.console.aws.amazon.com/cloudformation/home?region=${stackRegion}#/stacks/quickcreate?${query}`;
}
