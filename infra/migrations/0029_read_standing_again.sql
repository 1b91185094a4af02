-- Rights that were taken away while a request ran (a body may take hours) end it: the transaction that records a change
-- asks for the rights of its actor as they are now. The account may be of another tenant, as a superuser's is, so the
-- function runs as the owner, and answers nothing but rights. What this very transaction has changed does not count:
-- signing out revokes the session that asks for it. Nor does time: what began before a session ran out may end after it.
create function standing(person uuid, session uuid, api_key uuid)
  returns table (role text, is_superuser boolean, is_read_only boolean, scopes text[])
  language sql stable security definer set search_path = pg_catalog, public as $$
  select u.role, u.is_superuser, t.status = 'read_only', k.scopes
  from users u join tenants t on t.id = u.tenant_id left join api_keys k on k.id = api_key and k.user_id = u.id
  where u.id = person and u.is_active and t.status <> 'suspended'
    and (session is null or exists (
      select from sessions s where s.id = session and s.user_id = person
        and (s.xmin = pg_current_xact_id_if_assigned()::xid or s.revoked_at is null)))
    and (api_key is null or (k.id is not null and k.revoked_at is null));
$$;
revoke all on function standing from public;
grant execute on function standing to akashi_app, akashi_system;

-- The owner is under row level security like everybody else.
do $$
declare
  name text;
begin
  foreach name in array array['users', 'tenants', 'sessions', 'api_keys'] loop
    execute format('create policy standing on %I for select to %I using (true)', name, current_user);
  end loop;
end $$;
