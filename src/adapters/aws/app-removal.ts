/** Takes an application off a project: its code, everything in its bucket, and, when asked, its data. */
import {
  DeleteFunctionCommand,
  LambdaClient,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { placeholderArchive } from "../../blueprints/placeholder/archive.ts";
import { resourceName } from "../../core/names.ts";
import type { OpenAppRemoval } from "../../core/ports.ts";
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
  const updated = await orAbsent(doing, async () => {
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60, minDelay: 0.2, maxDelay: 2 }, { FunctionName });
    return await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: placeholderArchive(), Publish: true }));
  });
  if (!updated?.Version) return;
  const { Version: placeholder } = updated;
  await orAbsent(doing, () => lambda.send(new UpdateAliasCommand({ FunctionName, Name: liveAlias, FunctionVersion: placeholder })));
  await orAbsent(doing, async () => {
    for await (const { Versions = [] } of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) {
      for (const { Version: Qualifier } of Versions) {
        if (Qualifier === "$LATEST" || Qualifier === placeholder) continue;
        await orAbsent(doing, () => lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier })));
      }
    }
    return true;
  });
}
