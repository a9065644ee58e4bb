/** A month's cost report: what it needs of the books, and the files of it that the platform makes. */
import { z } from "zod";
import { endpoint, fileSchema } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { askedDaysShape, centsSchema, monthSchema } from "./numbers.ts";

const time = z.iso.datetime();

export const reportFormats = ["csv", "xlsx", "html"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const reportTypes: Record<ReportFormat, string> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  html: "text/html; charset=utf-8",
};

const orderSchema = z.object({
  month: monthSchema,
  format: z.enum(reportFormats),
  /** For a `global_owner`: every tenant, in one report. */
  allTenants: z.boolean().default(false),
});
export type ReportOrder = z.output<typeof orderSchema>;

const reportSchema = z.object({
  id: z.string(),
  /** Null: of every tenant. */
  tenantId: idSchema.nullable(),
  month: z.string(),
  format: z.enum(reportFormats),
  status: z.enum(["queued", "running", "done", "failed"]),
  attempts: z.number().int().min(0),
  /** Why it failed; of a `queued` one, why the last try did. */
  error: z.object({ kind: z.string(), code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  /** Of the file. */
  name: z.string(),
  bytes: z.number().int().min(0).nullable(),
  orderedBy: z.string(),
  createdAt: time,
  finishedAt: time.nullable(),
  /** Then it is deleted. */
  expiresAt: time,
});
export type StoredReport = z.output<typeof reportSchema>;

const toldSchema = reportSchema.extend({
  /** Days of the month, the last one included, that no bill was read of by now: nothing is known of them. Null: it isn't made yet. */
  unread: z.array(z.object({ tenantId: idSchema, from: z.iso.date(), to: z.iso.date() })).nullable(),
});
export type ToldReport = z.output<typeof toldSchema>;

const reportId = z.object({ reportId: z.string().min(1).max(64) });

const instead = "reports are for the tenant's admins; what your own projects cost: chartctl costs --by project";

export const reportEndpoints = {
  listBookings: endpoint({
    method: "GET",
    path: "/costs/bookings",
    allow: "admin",
    instead,
    summary: "What was booked in a time, ended projects too, and the users' limits",
    query: z.object(askedDaysShape),
    response: z.object({
      bookings: z.array(
        z.object({
          projectId: idSchema,
          userId: idSchema,
          /** What it was estimated at, since when; the first one since it was booked. */
          estimates: z.array(z.object({ since: time, monthlyCents: centsSchema })),
          endedAt: time.nullable(),
        }),
      ),
      limits: z.array(z.object({ userId: idSchema, userMonthlyCents: centsSchema })),
      /** The limit of a user who is not among these. */
      othersMonthlyCents: centsSchema.nullable(),
    }),
  }),
  generateReport: endpoint({
    method: "POST",
    path: "/reports/generate",
    allow: "admin",
    instead,
    status: 202,
    maxBytes: 10_000,
    summary: "Order a month's cost report as a file, made by the platform's workers from its books",
    body: orderSchema,
    response: reportSchema,
  }),
  listReports: endpoint({
    method: "GET",
    path: "/reports",
    allow: "admin",
    instead,
    summary: "Reports that were ordered, newest first; each is kept for 30 days",
    response: z.array(reportSchema),
  }),
  getReport: endpoint({
    method: "GET",
    path: "/reports/:reportId",
    allow: "admin",
    instead,
    summary: "How far a report is, why it failed, and which days nobody read",
    params: reportId,
    response: toldSchema,
  }),
  reportFile: endpoint({
    method: "GET",
    path: "/reports/:reportId/file",
    allow: "admin",
    instead,
    summary: "A report's file",
    fileTypes: Object.values(reportTypes),
    params: reportId,
    response: fileSchema,
  }),
  deleteReport: endpoint({
    method: "DELETE",
    path: "/reports/:reportId",
    allow: "admin",
    instead,
    summary: "Delete a report, or take its order back",
    params: reportId,
    response: z.object({}),
  }),
} as const;
