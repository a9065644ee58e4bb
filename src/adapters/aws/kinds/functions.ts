/** Lambda: the declared functions with alias and permission. (Others are found through the tagging API.) */

import { GetAliasCommand, GetFunctionCommand, GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, declaredUnder, isOurs, onlyAdoption } from "../finding.ts";
import type { ReadKind } from "./kind.ts";

export const readFunctions: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const lambda = new LambdaClient(clientSettings(env, "LAMBDA", identity.region, credentials));
  const at = now();
  const wanted = declared("aws_lambda_function").map(({ attributes }) => String(attributes.function_name));
  const found = await Promise.all(
    wanted.map(async (FunctionName): Promise<Finding[]> => {
      const answer = await orAbsent(`read the function ${FunctionName}`, () => lambda.send(new GetFunctionCommand({ FunctionName })));
      if (!answer) return [];
      const ours = isOurs(identity, answer.Tags ?? {});
      const itself = declared("aws_lambda_function").filter(({ attributes }) => attributes.function_name === FunctionName);
      const permissions = declaredUnder(declared("aws_lambda_permission"), "function_name", FunctionName, itself);
      const aliases = await Promise.all(
        declaredUnder(declared("aws_lambda_alias"), "function_name", FunctionName, itself).map(async ({ address, attributes }): Promise<Finding[]> => {
          const Name = String(attributes.name);
          const alias = await orAbsent(`read the alias ${Name}`, () => lambda.send(new GetAliasCommand({ FunctionName, Name })));
          if (!alias) return [];
          const policy = await orAbsent(`read the permissions of ${FunctionName}`, () => lambda.send(new GetPolicyCommand({ FunctionName, Qualifier: Name })));
          const statements = (JSON.parse(policy?.Policy ?? "{}") as { Statement?: { Sid?: string }[] }).Statement ?? [];
          return [
            { kind: "Lambda alias", name: `${FunctionName}/${Name}`, ours, adoption: { address, importId: `${FunctionName}/${Name}` } },
            ...statements.map(({ Sid = "" }) => ({
              kind: "Lambda permission",
              name: `${FunctionName}:${Name}/${Sid}`,
              ours,
              ...onlyAdoption(
                permissions.filter(({ attributes: permission }) => permission.statement_id === Sid),
                `${FunctionName}:${Name}/${Sid}`,
              ),
            })),
          ];
        }),
      );
      return [
        { kind: "Lambda function", name: FunctionName, ours, ...adoptionOf(declared("aws_lambda_function"), "function_name", FunctionName, FunctionName) },
        ...aliases.flat(),
      ];
    }),
  );
  return [{ kind: "Lambda function", asked: `lambda:GetFunction ${wanted.join(", ")}`, at, findings: found.flat() }];
};
