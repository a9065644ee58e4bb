/** Durations as people type them. */
import { ChartctlError } from "../errors.ts";

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const longestSeconds = 365 * 86_400;

/** `90m`, `2h`, `7d`, `45` (minutes) → seconds; `none` → null. From 1 minute to 365 days. Error `usage`. */
export function parseDuration(text: string): number | null {
  if (text === "none") return null;
  const match = /^(\d{1,9})([smhd])?$/.exec(text.trim());
  const seconds = match ? Number(match[1]) * unitSeconds[(match[2] ?? "m") as keyof typeof unitSeconds] : Number.NaN;
  if (seconds >= 60 && seconds <= longestSeconds) return seconds;
  throw new ChartctlError({
    kind: "usage",
    code: "duration.invalid",
    message: `${JSON.stringify(text)} is not a duration from 1 minute to 365 days`,
    hint: "such as: 90m, 2h, 7d or none",
  });
}

/** `2 h 5 min`: the two largest units that count. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3_600), Math.floor((whole % 3_600) / 60)];
  const parts = [days && `${days} d`, hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean);
  return parts.length > 0 ? parts.slice(0, 2).join(" ") : `${whole} s`;
}
