-- What each tenant has, as changes to sum up: triggers add one in the transaction of whatever changes it, so nobody waits
-- for anybody and nothing is missed. A worker folds them together now and then.
set local statement_timeout = 0;
create table usage_entries (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references tenants,
  measure text not null check (measure in ('assets', 'bytes', 'users')),
  -- Type of asset or purpose of file; empty for people.
  label text not null,
  amount bigint not null
);
alter table usage_entries enable row level security;
alter table usage_entries force row level security;
create policy tenant on usage_entries to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on usage_entries to akashi_system using (true) with check (true);
grant select, insert on usage_entries to akashi_app;
grant select, insert, delete on usage_entries to akashi_system;
create index usage_entries_tenant_idx on usage_entries (tenant_id, measure, label) include (amount);
-- For what is promised to uploads that are not through; there are few of these.
-- squawk-ignore require-concurrent-index-creation
create index uploads_open_idx on uploads (tenant_id) where finished_at is null;

-- For statement triggers. Arguments: measure, label and amount of one row, as SQL.
create function count_usage() returns trigger language plpgsql as $$
begin
  execute format(
    'insert into usage_entries (tenant_id, measure, label, amount)
     select tenant_id, %L, label, sum(amount) from (%s) changed
     group by tenant_id, label having sum(amount) <> 0',
    tg_argv[0],
    concat_ws(' union all ',
      case when tg_op <> 'DELETE' then
        format('select tenant_id, %s as label, %s as amount from added', tg_argv[1], tg_argv[2]) end,
      case when tg_op <> 'INSERT' then
        format('select tenant_id, %s as label, -(%s) as amount from removed', tg_argv[1], tg_argv[2]) end));
  return null;
end $$;

do $$
declare
  counted record;
  event text;
  tenant uuid;
  tenant_ids uuid[];
begin
  perform set_config('role', 'akashi_system', true);
  tenant_ids := array(select id from tenants);
  perform set_config('app.sees_all', 'on', true);
  -- The trash counts as bytes and not as assets. A file that lies where the original does ({tenant}/{year}/{month}/
  -- {asset}/original/{name}) is the original.
  for counted in select * from (values
    ('assets', 'assets', 'asset_type', '(deleted_at is null)::int'),
    ('storage_locations', 'bytes', 'purpose',
     'case when purpose <> ''original'' and split_part(path, ''/'', 5) = ''original'' then 0 else file_size_bytes end'),
    ('users', 'users', quote_literal(''), 'is_active::int')) as counted (name, measure, label, amount)
  loop
    perform set_config('role', 'none', true);
    foreach event in array array['insert', 'update', 'delete'] loop
      execute format('create trigger count_usage_%s after %s on %I referencing %s for each statement '
        'execute function count_usage(%L, %L, %L)', event, event, counted.name,
        concat_ws(' ', case when event <> 'delete' then 'new table as added' end,
                       case when event <> 'insert' then 'old table as removed' end),
        counted.measure, counted.label, counted.amount);
    end loop;
    -- The triggers keep writers waiting until this is through, and nobody who reads. Counted as a request would, tenant
    -- by tenant: row level security hides every row from the owner.
    perform set_config('role', 'akashi_app', true);
    foreach tenant in array tenant_ids loop
      perform set_config('app.tenant_id', tenant::text, true);
      execute format('insert into usage_entries (tenant_id, measure, label, amount) '
        'select tenant_id, %L, %s, sum(%s) from %I where tenant_id = %L group by 1, 3', counted.measure, counted.label,
        counted.amount, counted.name, tenant);
    end loop;
  end loop;
  perform set_config('role', 'none', true);
  perform set_config('app.tenant_id', '', true);
  perform set_config('app.sees_all', '', true);
end $$;

alter table tenants validate constraint tenants_quota_check;
alter table tenants validate constraint tenants_status_check;
