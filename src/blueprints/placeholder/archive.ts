/** The placeholder as Lambda takes it: one file, the same bytes each time. */
import { reproducibleZip } from "../../core/zip.ts";
import handlerSource from "./handler.mjs?raw";

export const placeholderArchive = (): Uint8Array => reproducibleZip({ "index.mjs": handlerSource });
