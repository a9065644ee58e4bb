/** An object's bytes as they are stored. Not by `fetch`: it unpacks what has a `Content-Encoding`, and most clients take it packed. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AwsClient } from "aws4fetch";

const tries = 4;
const firstWaitMilliseconds = 50;
const timeoutMilliseconds = 5_000;

/** S3 asks to be asked again after 5xx; what the network loses is asked for again, too. */
export async function objectAt(client: AwsClient, url: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { status, body } = await get(await client.sign(url));
      if (status === 200) return body;
      if (status < 500 || attempt >= tries) throw new Refused(`S3 answered ${status} for ${new URL(url).pathname}`);
    } catch (error) {
      if (error instanceof Refused || attempt >= tries) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, firstWaitMilliseconds * 2 ** attempt));
  }
}

class Refused extends Error {}

const get = async ({ url, headers }: Request): Promise<{ status: number; body: Uint8Array }> =>
  await new Promise((resolve, reject) => {
    const ask = url.startsWith("https:") ? httpsRequest : httpRequest;
    const asked = ask(url, { headers: Object.fromEntries(headers), timeout: timeoutMilliseconds }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    asked.on("timeout", () => asked.destroy(new Error("S3 did not answer in time")));
    asked.on("error", reject);
    asked.end();
  });
