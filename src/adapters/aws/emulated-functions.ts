/** What a gateway before an emulator must know of functions and APIs: the emulator keeps their settings, and runs nothing. */
import { createHash } from "node:crypto";
import { ApiGatewayV2Client, GetIntegrationsCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { placeholderArchive } from "../../blueprints/placeholder/archive.ts";
import { codeKey } from "../../contract/app-manifest.ts";
import { regionSchema } from "../../contract/names.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { orAbsent } from "./errors.ts";

export interface EmulatedFunction {
  name: string;
  region: string;
  version: string;
  codeSha256: string;
  timeoutSeconds: number;
  variables: Record<string, string>;
}

export interface EmulatedFunctions {
  /** The function that an API's requests go to; undefined when there is no such API. */
  ofApi(apiId: string): Promise<{ name: string; qualifier: string | undefined; region: string } | undefined>;
  find(region: string, name: string, qualifier: string | undefined): Promise<EmulatedFunction | undefined>;
  /** Its zip; undefined when it was made of something that no deploy has uploaded. */
  code(found: EmulatedFunction): Promise<Uint8Array | undefined>;
  /** Into the function's log group; lost when there is none. */
  log(found: EmulatedFunction, lines: { at: number; text: string }[]): Promise<void>;
}

const anyone = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };

export function emulatedFunctions(env: AwsEnvironment): EmulatedFunctions {
  const placeholder = placeholderArchive();
  const placeholderSha = createHash("sha256").update(placeholder).digest("base64");
  const streams = new Set<string>();
  return {
    ofApi: async (ApiId) => {
      for (const region of regionSchema.options) {
        const apis = new ApiGatewayV2Client(clientSettings(env, "APIGATEWAYV2", region, anyone));
        const found = await orAbsent(`read the API ${ApiId}`, () => apis.send(new GetIntegrationsCommand({ ApiId })));
        const uri = found?.Items?.[0]?.IntegrationUri;
        const [, name, qualifier] = /function:([^:/]+)(?::([^:/]+))?/.exec(uri ?? "") ?? [];
        if (name) return { name, qualifier, region };
      }
      return undefined;
    },
    find: async (region, FunctionName, Qualifier) => {
      const lambda = new LambdaClient(clientSettings(env, "LAMBDA", region, anyone));
      const found = await orAbsent(`read the function ${FunctionName}`, () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })));
      if (!found) return undefined;
      const { Version: version = "$LATEST", CodeSha256: codeSha256 = "", Timeout: timeoutSeconds = 3, Environment } = found;
      return { name: FunctionName, region, version, codeSha256, timeoutSeconds, variables: Environment?.Variables ?? {} };
    },
    code: async ({ codeSha256, variables, region }) => {
      if (codeSha256 === placeholderSha) return placeholder;
      const s3 = new S3Client({ ...clientSettings(env, "S3", region, anyone), forcePathStyle: true });
      const Bucket = variables.SITE_BUCKET ?? "";
      const object = await orAbsent("read the function's code", () => s3.send(new GetObjectCommand({ Bucket, Key: codeKey(codeSha256) })));
      return await object?.Body?.transformToByteArray();
    },
    log: async ({ name, region, version }, lines) => {
      const logs = new CloudWatchLogsClient(clientSettings(env, "CLOUDWATCH_LOGS", region, anyone));
      const logGroupName = `/aws/lambda/${name}`;
      const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[${version}]sandbox`;
      const stream = JSON.stringify([logGroupName, logStreamName]);
      if (!streams.has(stream)) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(() => {}); // there already, or no group: the next call says which
      streams.add(stream);
      await orAbsent("keep a log line", () =>
        logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: lines.map(({ at, text }) => ({ timestamp: at, message: text })) })),
      );
    },
  };
}
