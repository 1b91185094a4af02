// What workers do: the kinds of job, and the periodic duties.
import { sweepPendingObjects } from "../lib/library/objects/objects.ts";
import { noteHeads } from "../lib/audit/heads.ts";
import { pruneAudit } from "../lib/audit/retention.ts";
import { sweepChallenges } from "../lib/identity/challenges/challenges.ts";
import { sweepEmailChanges } from "../lib/identity/users/email_changes.ts";
import { sweepResets } from "../lib/identity/password_resets/password_resets.ts";
import { sweepSessions } from "../lib/identity/sessions/sessions.ts";
import { sweepUploads } from "../lib/library/uploads/discard.ts";
import { JOB_KINDS, type JobKindName } from "../lib/library/kinds.ts";
import { foldUsage } from "../lib/tenancy/usage/usage.ts";
import { metadataHandler } from "./kinds/library/metadata.ts";
import { proxyHandler } from "./kinds/library/proxy.ts";
import { renditionHandler } from "./kinds/library/rendition.ts";
import { type Duty, oncePerInterval } from "./runtime/schedule.ts";
import { thumbnailHandler } from "./kinds/library/thumbnail.ts";
import type { Handler } from "./runtime/handler.ts";

/** The run function of each kind of job; a kind without one does not compile. */
const HANDLER_OF: Record<JobKindName, Handler> = {
  metadata: metadataHandler,
  thumbnail: thumbnailHandler,
  proxy: proxyHandler,
  rendition: renditionHandler,
};

/** In the order of the kinds. */
export const HANDLERS: readonly Handler[] = JOB_KINDS.map(({ name }) => HANDLER_OF[name]);

/** Periodic duties. In each interval one process of the installation does each of them. */
export const SWEEPS: readonly Duty[] = [
  { name: "sweep_uploads", everySeconds: 60, run: sweepUploads },
  { name: "sweep_pending_objects", everySeconds: 60, run: sweepPendingObjects },
  { name: "fold_usage", everySeconds: 60, run: foldUsage },
  { name: "sweep_sessions", everySeconds: 3600, run: sweepSessions },
  { name: "sweep_challenges", everySeconds: 3600, run: sweepChallenges },
  { name: "sweep_email_changes", everySeconds: 3600, run: sweepEmailChanges },
  { name: "sweep_password_resets", everySeconds: 3600, run: sweepResets },
  { name: "note_audit_heads", everySeconds: 600, run: noteHeads },
  { name: "prune_audit", everySeconds: 3600, run: pruneAudit },
].map(oncePerInterval);
