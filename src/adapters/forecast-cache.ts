/** Cost Explorer's forecasts, kept as its costs are: each request is paid. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ForecastSource, KeptForecast, KeptForecasts } from "../core/costs/forecast/forecast-source.ts";
import { writePrivateJson } from "./json-file.ts";
import type { CacheOptions } from "./kept-answers.ts";
import { answerFile, forgetOldAnswers, isFresh, tellNotKept } from "./kept-answers.ts";

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const forecastSchema = z.object({
  currency: z.string(),
  days: z.array(z.object({ day: z.string(), mean: decimal, low: decimal, high: decimal })),
  level: z.number(),
  price: z.object({ requests: z.number(), dollars: z.string(), bytesScanned: z.number(), reused: z.boolean() }),
  askedAt: z.iso.datetime(),
});

export const keptForecasts = (source: ForecastSource, options: CacheOptions): KeptForecasts => ({
  forecast: async (query) => {
    const { refresh, now } = options;
    const file = answerFile(options, query, "forecast.json");
    const known = refresh ? undefined : read(file);
    if (known && isFresh(known, now())) return { answer: known, kept: true };
    const answer = { ...(await source.forecast(query)), askedAt: now().toISOString() };
    keep(file, answer, options);
    forgetOldAnswers(options);
    return { answer, kept: false };
  },
});

/** What can't be read, or isn't what was written, is asked again. */
function read(file: string): KeptForecast | undefined {
  try {
    return forecastSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** An answer that was paid is told, wherever it can't be kept. */
function keep(file: string, answer: KeptForecast, options: CacheOptions): void {
  try {
    writePrivateJson(file, { ...answer });
  } catch {
    tellNotKept(options);
  }
}
