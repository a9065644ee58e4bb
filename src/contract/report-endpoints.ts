/** What a month's cost report needs of the books. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { centsSchema } from "./numbers.ts";

const day = z.iso.date();
const time = z.iso.datetime();

export const reportEndpoints = {
  listBookings: endpoint({
    method: "GET",
    path: "/costs/bookings",
    allow: "admin",
    summary: "What was booked in a time, ended projects too, and the users' limits",
    /** Days in UTC; `until` is the first one that is left out. */
    query: z.object({ from: day, until: day }),
    response: z.object({
      bookings: z.array(z.object({ projectId: idSchema, userId: idSchema, monthlyCents: centsSchema, createdAt: time, endedAt: time.nullable() })),
      limits: z.array(z.object({ userId: idSchema, userMonthlyCents: centsSchema })),
    }),
  }),
} as const;
