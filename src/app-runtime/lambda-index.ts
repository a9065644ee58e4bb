/** The function's entry on Lambda: files come from the project's bucket. */
import { readFileSync } from "node:fs";
import type { AppManifest } from "../contract/app-manifest.ts";
import { awsClient } from "./aws.ts";
import { objectAt } from "./s3-object.ts";
import type { Handler } from "./serve.ts";
import { createHandler } from "./serve.ts";

const { client, endpoint, region } = awsClient("s3");
const bucket = process.env.SITE_BUCKET ?? "";
/** Emulators serve buckets as a path of their one address; AWS itself as host names. Keys are plain hex. */
const urlOf = (key: string): string => (endpoint ? `${endpoint}/${bucket}/${key}` : `https://${bucket}.s3.${region}.amazonaws.com/${key}`);
const linkSeconds = 300;

const manifest = JSON.parse(readFileSync(new URL("manifest.json", import.meta.url), "utf8")) as AppManifest;

export const handler: Handler = createHandler(
  manifest,
  {
    read: ({ key }) => objectAt(client, urlOf(key)),
    link: async ({ key }) => (await client.sign(`${urlOf(key)}?X-Amz-Expires=${linkSeconds}`, { aws: { signQuery: true } })).url,
  },
  () => import(new URL("api.mjs", import.meta.url).href),
);
