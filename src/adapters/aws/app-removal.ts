/** Takes an application off a project: its code, everything in its bucket, and, when asked, its data. */
import { createHash } from "node:crypto";
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { placeholderArchive } from "../../blueprints/placeholder/archive.ts";
import type { OpenAppRemoval } from "../../core/app-ports.ts";
import { resourceName } from "../../core/names.ts";
import { liveAlias } from "./app-host.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { emptyBucket } from "./emptying/bucket.ts";
import { clearTable } from "./emptying/table.ts";
import { orAbsent } from "./errors.ts";
import { bulkS3 } from "./objects.ts";

export const awsAppRemoval =
  (env: AwsEnvironment): OpenAppRemoval =>
  (identity, credentials) => ({
    reset: () => resetFunction(new LambdaClient(clientSettings(env, "LAMBDA", identity.region, () => credentials.get())), resourceName(identity, "app")),
    emptyBucket: (progress, signal) => emptyBucket(bulkS3(env, identity.region, credentials), resourceName(identity, "site"), progress, signal),
    clearTable: (progress, signal) => clearTable(env, identity.region, credentials, resourceName(identity, "data"), progress, signal),
  });

/** First the placeholder answers, then the application's versions go. A function or alias that isn't there has nothing to reset. */
async function resetFunction(lambda: LambdaClient, FunctionName: string): Promise<void> {
  const doing = `take the application's code off ${FunctionName}`;
  const ZipFile = placeholderArchive();
  const codeSha256 = createHash("sha256").update(ZipFile).digest("base64");
  // Asked first: a waiter would wait for a function that nobody makes any more.
  const latest = await orAbsent(doing, () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
  if (!latest) return;
  await orAbsent(doing, async () => {
    const settled = { client: lambda, maxWaitTime: 60, minDelay: 0.2, maxDelay: 2 };
    if (latest.CodeSha256 !== codeSha256) {
      await waitUntilFunctionUpdatedV2(settled, { FunctionName }); // an earlier update may still be on its way
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
      await waitUntilFunctionUpdatedV2(settled, { FunctionName });
    }
    const versions = (await versionsOf(lambda, FunctionName)).filter(({ Version }) => Version !== "$LATEST");
    const placeholder =
      versions.find((one) => one.CodeSha256 === codeSha256)?.Version ??
      (await lambda.send(new PublishVersionCommand({ FunctionName, CodeSha256: codeSha256 }))).Version;
    await orAbsent(doing, () => lambda.send(new UpdateAliasCommand({ FunctionName, Name: liveAlias, FunctionVersion: placeholder })));
    for (const { Version: Qualifier } of versions)
      if (Qualifier !== placeholder) await orAbsent(doing, () => lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier })));
  });
}

async function versionsOf(lambda: LambdaClient, FunctionName: string): Promise<FunctionConfiguration[]> {
  const all: FunctionConfiguration[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) all.push(...Versions);
  return all;
}
