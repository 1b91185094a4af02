-- Retention of the audit: the one way in which old entries leave. Roles that requests run under still only add; the
-- sweep calls this function, which takes the oldest entries of one chain, never its head and nothing of the last day.
-- Whoever calls it records what went, so that the chain can be proven from there on.
create function prune_audit_entries(tenant uuid, older_than timestamptz, most integer)
  returns table (seq bigint, hash text, entries bigint)
  language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  first bigint;
  head bigint;
  last bigint;
begin
  if older_than > now() - interval '1 day' then
    raise exception 'audit entries are kept for a day at least';
  end if;
  perform set_config('app.tenant_id', tenant::text, true);
  select min(e.seq), max(e.seq) into first, head from audit_entries e where e.tenant_id = tenant;
  select min(e.seq) - 1 into last from audit_entries e where e.tenant_id = tenant and e.created_at >= older_than;
  last := least(coalesce(last, head - 1), head - 1, first + most - 1);
  if last is null or last < first then
    return;
  end if;
  return query
    with gone as (delete from audit_entries e where e.tenant_id = tenant and e.seq <= last returning e.seq, e.hash)
    select last, max(g.hash) filter (where g.seq = last), count(*) from gone g;
end $$;
revoke all on function prune_audit_entries from public;
grant execute on function prune_audit_entries to akashi_system;

-- The function runs as the owner, who is under row level security like everybody else.
do $$ begin
  execute format('create policy retention_read on audit_entries for select to %I using (tenant_id = current_tenant())', current_user);
  execute format('create policy retention on audit_entries for delete to %I using (tenant_id = current_tenant())', current_user);
end $$;
