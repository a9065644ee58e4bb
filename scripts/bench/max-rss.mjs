/** Loaded before a program (`node --import`): writes the most memory that it held, in kB, where MAX_RSS_FILE says. */
import { writeFileSync } from "node:fs";

process.on("exit", () => writeFileSync(process.env.MAX_RSS_FILE, String(process.resourceUsage().maxRSS)));
