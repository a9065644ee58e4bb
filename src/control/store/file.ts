/** The embedded books' file. */
import { join } from "node:path";

export const storeFile = (dataDir: string): string => join(dataDir, "chartctl.db");
