import { z } from "zod";
import { technicalSchema } from "../../media/schema.ts";

const measured = z.number().nullable();

/** What probing measures, with what later jobs add. Also the columns of `technical_metadata`, without its keys. */
export const technicalMetadataSchema = technicalSchema.extend({
  loudness_integrated: measured,
  loudness_range: measured,
  loudness_peak: measured,
  analyzed_at: z.string(),
});
export type TechnicalRow = z.infer<typeof technicalMetadataSchema>;
