/**
 * The identity token of the pipeline that this runs in. GitHub Actions gives it on request ("About security hardening with
 * OpenID Connect", docs.github.com); elsewhere the pipeline's file names it, as GitLab's `id_tokens` does.
 */
import { z } from "zod";
import { ChartctlError, messageOf } from "../errors.ts";

const answerSchema = z.object({ value: z.string().min(1) });
const patienceMilliseconds = 15_000;

/** Errors: `workload.elsewhere` (usage) outside of such a job; `workload.token` (external). */
export async function pipelineIdToken(env: NodeJS.ProcessEnv, audience: string): Promise<string> {
  if (env.CHARTCTL_ID_TOKEN) return env.CHARTCTL_ID_TOKEN;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!address || !bearer) {
    throw new ChartctlError({
      kind: "usage",
      code: "workload.elsewhere",
      message: "This is no pipeline's job with an identity token",
      hint: `GitHub Actions: give the job \`permissions: id-token: write\`; GitLab: id_tokens: CHARTCTL_ID_TOKEN: aud: ${audience}`,
    });
  }
  try {
    const url = new URL(address);
    url.searchParams.set("audience", audience);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${bearer}` }, signal: AbortSignal.timeout(patienceMilliseconds) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return answerSchema.parse(await answer.json()).value;
  } catch (error) {
    throw new ChartctlError({
      kind: "external",
      code: "workload.token",
      message: `GitHub gave no identity token: ${messageOf(error)}`,
      hint: "run the job again",
      cause: error,
    });
  }
}
