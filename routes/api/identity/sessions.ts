import { listSessions, revokeSession } from "../../../lib/identity/sessions/own_sessions.ts";
import { sessionSchema } from "../../../lib/identity/sessions/schema.ts";
import type { AppEnv } from "../../env.ts";
import { answers, idParams, messageSchema, OpenAPIHono, problems, route, z } from "../openapi.ts";

const tag = "auth";
const session = sessionSchema.meta({ id: "Session" });

/** The account's own sessions. */
export const sessions = new OpenAPIHono<AppEnv>()
  .openapi(
    route("get", "/", {
      who: "sessions.read",
      beforeEnrolment: true,
      tenant: "own",
      tag,
      summary: "List my sessions with place and last use",
      responses: { 200: answers(z.array(session), "The last used first"), ...problems(401, 403) },
    }),
    async (c) => c.json(await listSessions(c.var.ctx), 200),
  )
  .openapi(
    route("delete", "/{id}", {
      who: "sessions.change",
      audit: ["session.delete"],
      beforeEnrolment: true,
      tenant: "own",
      tag,
      recent: "when it is another session",
      summary: "End one of my sessions",
      request: { params: idParams },
      responses: { 200: answers(messageSchema, "Done"), ...problems(401, 403, 404, 422) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await revokeSession(c.var.ctx, id);
      return c.json({ message: "Session ended", id }, 200);
    },
  );
