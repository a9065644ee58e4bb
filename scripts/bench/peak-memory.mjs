/** Loaded before a program (`node --import`): says at its end how much memory it had at most. */
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.CHARTCTL_BENCH_PEAK, JSON.stringify({ bytes: maxRSS * 1_024, processorSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
