/** The account's permissions boundary. */
import { CreatePolicyCommand, GetPolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { boundaryArn, boundaryName, boundaryPolicy, boundaryRequest } from "../../core/lifecycle/boundary-policy.ts";
import type { Boundary } from "../../core/ports.ts";
import { isChartctlError } from "../../errors.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { awsError, orAbsent } from "./errors.ts";

export const awsBoundary = (env: AwsEnvironment): Boundary => ({
  exists: async (accountId, region, credentials) => {
    const iam = new IAMClient(clientSettings(env, "IAM", region, await credentials.get()));
    try {
      return (await orAbsent(`read the policy ${boundaryName}`, () => iam.send(new GetPolicyCommand({ PolicyArn: boundaryArn(accountId) })))) !== undefined;
    } catch (error) {
      // A role that may not look was set up by somebody who made the boundary, too: Terraform says so if not.
      if (isChartctlError(error) && error.code === "aws.access-denied") return true;
      throw error;
    }
  },
  create: async (accountId, region, credentials) => {
    const iam = new IAMClient(clientSettings(env, "IAM", region, await credentials.get()));
    const command = new CreatePolicyCommand({ ...boundaryRequest, PolicyDocument: JSON.stringify(boundaryPolicy()) });
    try {
      await iam.send(command);
    } catch (error) {
      if ((error as { name?: string }).name === "EntityAlreadyExistsException" || (error as { name?: string }).name === "EntityAlreadyExists") return;
      throw awsError(error, `make the policy ${boundaryName} in account ${accountId}`);
    }
  },
});
