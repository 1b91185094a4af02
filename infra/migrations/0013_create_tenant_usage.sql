-- How much of each tenant there is, counted now and then by a worker: exact enough for graphs and for room left.
create table tenant_usage (
  tenant_id uuid primary key references tenants,
  -- By asset_type, without the trash: {"video": 12, "image": 3}.
  assets jsonb not null default '{}',
  -- By purpose, with the trash: {"original": 123456, "proxy": 2345}.
  bytes jsonb not null default '{}',
  users integer not null default 0,
  -- When a worker last took it upon itself to count.
  counted_at timestamptz not null
);

alter table tenant_usage enable row level security;
alter table tenant_usage force row level security;
create policy tenant on tenant_usage to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on tenant_usage to akashi_system using (true) with check (true);
grant select, update on tenant_usage to akashi_app;
grant select, insert, update on tenant_usage to akashi_system;

-- The request that wanted the job, as W3C Trace Context writes it; null unless traces are on.
alter table jobs add column trace_parent text;
