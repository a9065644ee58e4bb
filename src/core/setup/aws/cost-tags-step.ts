/** The tags by which AWS splits its bill: each has to be activated, once a bill has shown it. */
import { isChartctlError } from "../../../errors.ts";
import { costTags } from "../../costs/cost-tags.ts";
import type { Step } from "../steps.ts";
import type { AwsSetup } from "./ports.ts";
import { change } from "./ports.ts";

const title = "cost allocation tags";

export const costTagsActive = (aws: AwsSetup): Step => ({
  name: title,
  run: async (changes) => {
    const status = await aws.costTags(costTags).catch((error: unknown) => {
      if (isChartctlError(error) && error.code === "aws.linked-account") return undefined;
      throw error;
    });
    if (!status)
      return { outcome: "waits", detail: `another account pays for this one: run chartctl setup aws there, or activate them there: ${costTags.join(", ")}` };
    const inactive = costTags.filter((tag) => status[tag] === "Inactive");
    const unseen = costTags.filter((tag) => status[tag] === undefined);
    if (inactive.length > 0) {
      const wanted = inactive.map((TagKey) => ({ TagKey, Status: "Active" as const }));
      await change(changes, aws, "ce:UpdateCostAllocationTagsStatus", { CostAllocationTagsStatus: wanted });
    }
    // AWS lists a tag up to a day after the first resource has it (Billing user guide, "Activating user-defined cost allocation tags").
    if (unseen.length > 0)
      return { outcome: "waits", detail: `AWS hasn't seen ${unseen.join(", ")} yet: a day after the first provision, run chartctl setup aws again` };
    return inactive.length > 0 ? "changed" : "found";
  },
});

/** Not deactivated: other bills of the account may be split by them, and they cost nothing. */
export const costTagsStay: Step = {
  name: title,
  run: async () => ({ outcome: "found", detail: "stay active: they cost nothing, and past bills keep their split" }),
};
