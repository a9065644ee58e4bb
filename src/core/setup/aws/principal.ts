/** Who the platform works as, told from the caller's ARN: exactly that principal is what the broker trusts. */
import { ChartctlError } from "../../../errors.ts";
import { brokerName } from "./names.ts";

export interface Principal {
  arn: string;
  /** In words: `role deployer, by web identity`. */
  how: string;
}

/** Where the caller's credentials come from; the SDK's chain looks in this order. */
export interface CredentialHints {
  profile: string | undefined;
  keys: boolean;
  webIdentity: boolean;
}

/** The ARN of a role with its path, which a session's ARN leaves out. */
type FindRole = (name: string) => Promise<{ arn: string } | undefined>;

/** Errors (`refused`): the account's root user, a federated user, the broker itself. */
export async function principalOf(arn: string, hints: CredentialHints, findRole: FindRole): Promise<Principal> {
  const [, partition = "", , , accountId = "", resource = ""] = arn.split(":");
  const [kind, name = ""] = resource.split("/");
  // As policies name them: an emulator's STS has users of its own.
  if (kind === "user") return { arn: `arn:${partition}:iam::${accountId}:${resource}`, how: `user ${resource.slice("user/".length)}, ${source(hints)}` };
  if (kind !== "assumed-role") {
    const what = resource === "root" ? `the root user of account ${accountId}` : `${arn}, which no trust policy can name for long`;
    throw unfit(`The credentials are those of ${what}`);
  }
  if (name === brokerName) throw unfit(`The credentials are those of ${brokerName} itself, which can't be what it trusts`);
  const role = await findRole(name);
  if (!role) {
    throw new ChartctlError({
      kind: "not-found",
      code: "aws.own-role-missing",
      message: `The role ${name} of these credentials is gone`,
      hint: "sign in again, such as: aws sso login",
    });
  }
  const sso = name.startsWith("AWSReservedSSO_");
  return { arn: role.arn, how: `role ${name}, ${sso ? "by SSO" : source(hints)}` };
}

const source = ({ profile, keys, webIdentity }: CredentialHints): string =>
  profile ? `by the profile ${profile}` : keys ? "by keys in the environment" : webIdentity ? "by web identity" : "by the machine's own chain";

const unfit = (message: string): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "aws.unfit-principal",
    message,
    hint: "name the user or role that the platform works as: chartctl setup aws --principal ARN",
  });

/** The ARN of one user or role. */
export const isPrincipal = (arn: string): boolean => /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]{1,512}$/.test(arn);

/** Error `principal.invalid` (usage): a trust names one user or role, never an account's `:root`. */
export function givenPrincipal(arn: string): Principal {
  if (isPrincipal(arn)) return { arn, how: "as given" };
  throw new ChartctlError({
    kind: "usage",
    code: "principal.invalid",
    message: `The principal ${JSON.stringify(arn)} is not the ARN of a user or role`,
    hint: "such as: --principal arn:aws:iam::123456789012:user/chartctl-platform",
  });
}
