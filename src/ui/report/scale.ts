/** Where a value stands on an axis from the least to the most, nothing always among them. */

export interface Scale {
  /** 0 to 1. */
  at(value: number): number;
  /** Evenly spaced, from the least to the most. */
  ticks: number[];
}

const mostTicks = 5;

/** An axis whose ticks are round numbers. */
export function scaleOf(values: readonly number[]): Scale {
  const least = Math.min(0, ...values);
  const most = Math.max(0, ...values);
  const span = most - least || 1;
  const step = roundStep(span / (mostTicks - 1));
  const first = Math.floor(least / step + tolerance) * step;
  const count = Math.max(1, Math.ceil((most - first) / step - tolerance));
  const last = first + count * step;
  return {
    at: (value) => (value - first) / (last - first),
    ticks: Array.from({ length: count + 1 }, (_, at) => first + at * step),
  };
}

/** Of what floating point leaves. */
const tolerance = 1e-9;

/** 1, 2 or 5 times a power of ten, or the next one. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((factor) => factor * power >= size * (1 - tolerance)) ?? 10) * power;
}
