/** Where an application runs: versions of the project's function, behind the alias that its URL leads to. */
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { buildHeader, objectPrefixes } from "../../contract/app-manifest.ts";
import type { AppAnswer, AppHost, OpenAppHost } from "../../core/app-ports.ts";
import { resourceName } from "../../core/names.ts";
import { ChartctlError } from "../../errors.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings } from "./clients.ts";
import { awsError, translated } from "./errors.ts";
import { bulkS3, storedKeys, uploadAll } from "./objects.ts";

/** The blueprint's alias. */
export const liveAlias = "live";
const waitSeconds = 60;

export const awsAppHost =
  (env: AwsEnvironment): OpenAppHost =>
  (identity, credentials): AppHost => {
    const lambda = new LambdaClient(clientSettings(env, "LAMBDA", identity.region, () => credentials.get()));
    const s3 = bulkS3(env, identity.region, credentials);
    const bucket = resourceName(identity, "site");
    const FunctionName = resourceName(identity, "app");

    const configuration = (Qualifier?: string): Promise<FunctionConfiguration> =>
      translated(`read the function ${FunctionName}`, () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })));

    const live: AppHost["live"] = async () => {
      const [alias, answering, latest] = await Promise.all([
        translated(`read the alias ${liveAlias} of ${FunctionName}`, () => lambda.send(new GetAliasCommand({ FunctionName, Name: liveAlias }))),
        configuration(liveAlias),
        configuration(),
      ]);
      return {
        version: alias.FunctionVersion ?? "",
        revision: alias.RevisionId ?? "",
        current: settingsOf(answering) === settingsOf(latest),
        codeSha256: answering.CodeSha256 ?? "",
      };
    };

    /** Versions are what they were published as: a change of memory or time-out makes another one. */
    const published = async (codeSha256: string): Promise<string | undefined> => {
      const latest = await configuration();
      for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) {
        const found = page.Versions?.find((one) => one.Version !== "$LATEST" && one.CodeSha256 === codeSha256 && settingsOf(one) === settingsOf(latest));
        if (found?.Version) return found.Version;
      }
      return undefined;
    };

    return {
      stored: () => storedKeys(s3, bucket),
      upload: (objects, done, signal) =>
        uploadAll(s3, bucket, objects, { done, signal, isLast: ({ type, key }) => type.startsWith("text/html") || key.startsWith(objectPrefixes.code) }),
      live,
      publish: async ({ key, codeSha256 }) => {
        const doing = `publish the code of ${FunctionName}`;
        const earlier = await translated(doing, () => published(codeSha256));
        if (earlier !== undefined) return earlier;
        return await translated(doing, async () => {
          const settled = { client: lambda, maxWaitTime: waitSeconds, minDelay: 0.2, maxDelay: 2 };
          await waitUntilFunctionUpdatedV2(settled, { FunctionName }); // an earlier update may still be on its way
          const { Version = "" } = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, S3Bucket: bucket, S3Key: key, Publish: true }));
          await waitUntilPublishedVersionActive(settled, { FunctionName, Qualifier: Version });
          return Version;
        });
      },
      ask: async (version, path) => {
        const command = new InvokeCommand({ FunctionName, Qualifier: version, Payload: Buffer.from(JSON.stringify(requestFor(path))) });
        const { Payload, FunctionError } = await translated(`ask version ${version} of ${FunctionName}`, () => lambda.send(command));
        return answerOf(Payload ? Buffer.from(Payload).toString("utf8") : "", FunctionError);
      },
      switchTo: async (FunctionVersion, RevisionId) => {
        const command = new UpdateAliasCommand({ FunctionName, Name: liveAlias, FunctionVersion, ...(RevisionId ? { RevisionId } : {}) });
        try {
          const switched = await lambda.send(command);
          return { revision: switched.RevisionId ?? "" };
        } catch (error) {
          if ((error as { name?: string }).name === "PreconditionFailedException") throw overtaken(identity.projectId, error);
          throw awsError(error, `switch ${FunctionName} to version ${FunctionVersion}`);
        }
      },
    };
  };

/** What a version takes over from the function when it is published, as far as the blueprint sets it. */
const settingsOf = ({ MemorySize, Timeout, Runtime, Handler, Role, Environment }: FunctionConfiguration): string =>
  JSON.stringify([MemorySize, Timeout, Runtime, Handler, Role, Object.entries(Environment?.Variables ?? {}).sort()]);

/** As API Gateway would ask (payload 2.0). */
const requestFor = (path: string) => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: path,
  rawQueryString: "",
  headers: { "user-agent": "chartctl", accept: "*/*" },
  requestContext: { http: { method: "GET", path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "chartctl" }, stage: "$default" },
  isBase64Encoded: false,
});

function answerOf(payload: string, functionError: string | undefined): AppAnswer {
  const answer = parsed(payload);
  if (functionError) return { status: 502, build: undefined, body: String(answer.errorMessage ?? payload).slice(0, 2_000) };
  const headers = (answer.headers ?? {}) as Record<string, string>;
  const text = typeof answer.body === "string" ? answer.body : "";
  const body = answer.isBase64Encoded ? Buffer.from(text, "base64").toString("utf8") : text;
  return { status: Number(answer.statusCode ?? 200), build: headers[buildHeader], body: body.slice(0, 2_000) };
}

function parsed(payload: string): Record<string, unknown> {
  try {
    return (JSON.parse(payload) ?? {}) as Record<string, unknown>;
  } catch {
    return {}; // no JSON: no answer of ours
  }
}

const overtaken = (projectId: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "app.switched",
    message: `Somebody else has switched the application of project ${projectId} meanwhile`,
    hint: `see what answers: chartctl releases -p ${projectId}; then deploy again`,
    cause,
  });
