/** A report's file from a hosted control API, as it comes. */
import { ChartctlError, isChartctlError, messageOf } from "../errors.ts";
import { problemFrom } from "./control-api.ts";

interface DownloadOptions {
  fetch(url: URL, init: { headers: Record<string, string>; signal: AbortSignal; redirect: "manual" }): Promise<Response>;
  /** Without `/api`. */
  baseUrl: string;
  headers: Record<string, string>;
  interrupted: AbortSignal;
}

/** Errors: the API's own; `report.cut` (external) when less comes than was promised. */
export async function* reportDownload({ fetch, baseUrl, headers, interrupted }: DownloadOptions, reportId: string): AsyncGenerator<Uint8Array> {
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}/api/reports/${encodeURIComponent(reportId)}/file`);
  let bytes = 0;
  try {
    const response = await fetch(url, { headers, signal: interrupted, redirect: "manual" });
    if (!response.ok) throw problemFrom(await response.text(), response.status, baseUrl);
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      yield chunk;
    }
    const promised = Number(response.headers.get("content-length") ?? bytes);
    if (bytes !== promised) throw new Error(`${bytes} of ${promised} bytes came`);
  } catch (error) {
    throw isChartctlError(error) || interrupted.aborted ? error : cut(reportId, error);
  }
}

const cut = (reportId: string, cause: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "report.cut",
    message: `The report's file did not come: ${messageOf(cause)}`,
    hint: `fetch it again: chartctl costs report --fetch ${reportId}`,
    cause,
  });
