/** A page's handler, whose errors are a page, too. */
import type { Context } from "hono";
import { answer, toldOf } from "./answer.ts";
import { errorPage } from "./message.ts";
import type { PagePorts } from "./ports.ts";

export const paged =
  ({ version }: PagePorts, handle: (context: Context) => Promise<Response>) =>
  async (context: Context): Promise<Response> => {
    try {
      return await handle(context);
    } catch (thrown) {
      const { error, status } = toldOf(context, thrown);
      return await answer(context, errorPage(error, version), status);
    }
  };
