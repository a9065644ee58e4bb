/** `templates/cloudformation/tenant-role.yml`: what a tenant puts into their account so that the platform may work there. */
import { boundaryName, boundaryPolicy } from "../lifecycle/boundary-policy.ts";
import { filledIn, parameters, substituted, tags } from "./cloudformation.ts";
import { tenantRoleArn, tenantRoleName, tenantRolePolicy, tenantTrustPolicy } from "./tenant-role.ts";

/** The condition that the boundary isn't there yet. */
const makeBoundary = "MakesBoundary";

export function tenantRoleTemplate(): object {
  const { tenantId } = filledIn;
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "chartctl: the role that the platform assumes in this account, and the boundary of every role that it makes",
    // The linter's list of API Gateway's actions lacks TagResource, which HTTP APIs ask for.
    Metadata: { "cfn-lint": { config: { ignore_checks: ["W3037"] } } },
    Parameters: {
      ...parameters,
      AllowedRegions: { Type: "CommaDelimitedList", Default: "us-east-1,us-west-2", Description: "Where the platform may make anything" },
      CreateBoundary: {
        Type: "String",
        AllowedValues: ["yes", "no"],
        Default: "yes",
        Description: `no, where this account has the policy ${boundaryName} already`,
      },
    },
    Conditions: { [makeBoundary]: { "Fn::Equals": [{ Ref: "CreateBoundary" }, "yes"] } },
    Resources: {
      Boundary: {
        Type: "AWS::IAM::ManagedPolicy",
        Condition: makeBoundary,
        // Roles that carry it outlive a stack that is taken away by mistake. (CloudFormation can't tag a policy.)
        DeletionPolicy: "RetainExceptOnCreate",
        UpdateReplacePolicy: "Retain",
        Properties: { ManagedPolicyName: boundaryName, Description: "The most that a function made by chartctl may do", PolicyDocument: boundaryPolicy() },
      },
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: substituted(tenantRoleName(tenantId)),
          Path: tenantRoleArn({ ...filledIn }).replace(/^[^/]+|[^/]+$/g, ""),
          Description: "Assumed by the chartctl platform, for one project at a time",
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: substituted(
            // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
            tenantTrustPolicy({ principalArn: "${PlatformPrincipalArn}", externalIds: { Ref: "ExternalIds" }, tenantId }),
          ),
          Policies: [{ PolicyName: "chartctl", PolicyDocument: substituted(tenantRolePolicy({ ...filledIn, regions: { Ref: "AllowedRegions" } })) }],
          Tags: tags,
        },
      },
    },
    Outputs: { RoleArn: { Description: "For chartctl tenants connect --role-arn", Value: { "Fn::GetAtt": ["Role", "Arn"] } } },
  };
}
