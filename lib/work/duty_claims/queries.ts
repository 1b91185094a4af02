import type { Sql } from "../../platform/db/database.ts";

export function claimDuty(sql: Sql, name: string, seconds: number) {
  return sql`
    insert into duty_turns (name, taken_at) values (${name}, now())
    on conflict (name) do update set taken_at = now()
      where duty_turns.taken_at < now() - make_interval(secs => ${seconds})
        -- The clock was set back since.
        or duty_turns.taken_at > now() + make_interval(secs => ${seconds})`;
}
