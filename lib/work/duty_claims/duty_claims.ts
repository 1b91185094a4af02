// Whose turn it is to do what one process of the installation has to do now and then.
import type { Database } from "../../platform/db/database.ts";
import * as queries from "./queries.ts";

/** Processes wake a little early or late: a turn counts as over when this much of its interval is. */
const OVER = 0.75;

/** Takes the turn of a duty unless another process took it within about `everySeconds`. Answers whether it did. */
export async function takeTurn(db: Database, name: string, everySeconds: number): Promise<boolean> {
  const { count } = await db.asSystem((sql) => queries.takeTurn(sql, name, everySeconds * OVER));
  return count === 1;
}
